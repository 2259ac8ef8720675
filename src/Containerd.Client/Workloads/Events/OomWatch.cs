using Containerd.Client.Records;
using Containerd.Host;
using Grpc.Core;

namespace Containerd.Client.Workloads.Events;

/// <summary>
/// A subscription to the oom events of one task, while a caller waits for its exit. It is for tasks whose control group is a scope of
/// systemd: systemd removes it, with the counter of killed processes, when the last process ends.
/// </summary>
internal sealed class OomWatch : IDisposable
{
    private const string Topic = "/tasks/oom";

    /// <summary>The time limit for the daemon's answers: a detail of an exit does not justify a longer wait.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>For a process that was killed: the shim sends the event beside the exit, and not before it.</summary>
    private static readonly TimeSpan LatePatience = TimeSpan.FromMilliseconds(500);

    private readonly string _containerId;
    private readonly EventCall _call;
    private readonly CancellationTokenSource _ending;

    private OomWatch(string containerId, EventCall call, CancellationTokenSource ending)
    {
        _containerId = containerId;
        _call = call;
        _ending = ending;
    }

    /// <summary>Subscribes.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="containerId">The container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Null if the daemon does not confirm the subscription in time.</returns>
    internal static async Task<OomWatch?> TryOpenAsync(RecordScope ns, string containerId, CancellationToken cancellationToken)
    {
        var ending = new CancellationTokenSource();
        using var opening = new Deadline(cancellationToken);
        opening.Start(Patience);
        var linked = opening.Token.Register(ending.Cancel);
        try
        {
            return new OomWatch(
                containerId,
                await EventCall.OpenAsync(ns, [$"topic==\"{Topic}\""], ending.Token).ConfigureAwait(false),
                ending
            );
        }
        catch (Exception e) when (IsExpected(e))
        {
            linked.Dispose();
            ending.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
        finally
        {
            linked.Dispose();
        }
    }

    /// <summary>Whether a process of the task was reported as killed. To be called once, after the exit. Does not throw.</summary>
    /// <param name="wasKilled">Whether the exit code is that of a killed process.</param>
    internal async Task<bool> IsReportedAsync(bool wasKilled)
    {
        using var patience = new Deadline(_ending.Token);
        patience.Start(Patience);
        try
        {
            var mark = await _call.MarkAsync(patience.Token).ConfigureAwait(false);
            await foreach (var envelope in _call.Events.ReadAllAsync(patience.Token).ConfigureAwait(false))
            {
                if (envelope.Topic != mark)
                {
                    if (EventDecoder.Decode(envelope.Topic, envelope.Timestamp, envelope.Event).ContainerId == _containerId)
                        return true;
                }
                else if (wasKilled)
                {
                    patience.Start(LatePatience);
                }
                else
                {
                    return false;
                }
            }
        }
        catch (Exception e) when (IsExpected(e))
        {
            // The daemon went away, or no event came.
        }

        return false;
    }

    public void Dispose()
    {
        _ending.Cancel();
        _call.Dispose();
        _ending.Dispose();
    }

    private static bool IsExpected(Exception error) => error is CtrException or RpcException or OperationCanceledException;
}

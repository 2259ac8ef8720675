using Containerd.Client.Transport;
using Grpc.Core;
using WireTasks = Containerd.Client.Wire.Tasks;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client.Records;

/// <summary>A process that was added to a running container (Tasks.Exec).</summary>
internal sealed class ExecProcess(RecordScope ns, string containerId, string execId) : ContainerProcess(ns, containerId)
{
    /// <summary>The interval at which a wait for an exec that has not started checks whether it still exists.</summary>
    private static readonly TimeSpan CreatedPause = TimeSpan.FromMilliseconds(250);

    /// <summary>The maximum delay of the answer for a deleted exec.</summary>
    private static readonly TimeSpan DeletedPatience = TimeSpan.FromSeconds(1);

    /// <summary>The exec's id.</summary>
    internal string Id => execId;

    internal override string? ExecId => execId;

    internal override string Name => $"{ContainerId}/{execId}";

    internal override string Subject => $"The exec '{Name}'";

    private protected override Resource Kind => Resource.Exec;

    /// <summary>Its state; null if the daemon does not report one.</summary>
    internal async Task<WireTypes.Process?> FindAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (CtrException)
        {
            return null;
        }
    }

    internal override Task KillAsync(CancellationToken cancellationToken) =>
        KillAsync(CtrSignal.Kill.Number, all: false, cancellationToken);

    private protected override AsyncUnaryCall<WireTasks.DeleteResponse> SendDelete(CancellationToken cancellationToken) =>
        Stub.DeleteProcessAsync(new() { ContainerId = ContainerId, ExecId = execId }, cancellationToken: cancellationToken);

    /// <summary>
    /// Asks for the exit. A shim never answers for an exec that is deleted before it was started: so its state is queried too, until it has
    /// started.
    /// </summary>
    private protected override async Task<WireTasks.WaitResponse> AwaitExitAsync(CancellationToken cancellationToken)
    {
        var request = new WireTasks.WaitRequest { ContainerId = ContainerId, ExecId = execId };
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task<WireTasks.WaitResponse>> answers = [AskAsync()];
        try
        {
            while (await Task.WhenAny(answers[0], Task.Delay(CreatedPause, ending.Token)).ConfigureAwait(false) != answers[0])
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (await CreatedAsync().ConfigureAwait(false))
                    continue;
                // Another exec may have its id now, for which the first call would wait in vain.
                answers.Add(AskAsync());
                break;
            }

            var answer = await Task.WhenAny(answers).ConfigureAwait(false);
            // It has exited and been deleted before the second call: the first call has the result.
            if (answer.IsFaulted && await AnsweredAsync().ConfigureAwait(false))
                answer = answers[0];
            var reply = await answer.ConfigureAwait(false);
            // For an exec that could not be started, the runtime answers with code 0 and without a time.
            return reply.ExitedAt.Local() is null ? throw ProcessErrors.NeverStarted(this) : reply;
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            answers.ForEach(static a => _ = a.ContinueWith(static t => t.Exception, TaskScheduler.Default));
        }

        async Task<bool> AnsweredAsync() =>
            await Task.WhenAny(answers[0], Task.Delay(DeletedPatience, ending.Token)).ConfigureAwait(false) == answers[0];

        Task<WireTasks.WaitResponse> AskAsync() => Stub.WaitAsync(request, cancellationToken: ending.Token).ResponseAsync;

        async Task<bool> CreatedAsync()
        {
            try
            {
                return (
                        await Stub.GetAsync(new() { ContainerId = ContainerId, ExecId = execId }, cancellationToken: ending.Token)
                            .ResponseAsync.ConfigureAwait(false)
                    )
                        .Process
                        .Status == WireTypes.Status.Created;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
            {
                // It may have exited and been deleted since: then the answer is about to arrive.
                return await AnsweredAsync().ConfigureAwait(false) ? false : throw ProcessErrors.NeverStarted(this);
            }
        }
    }
}

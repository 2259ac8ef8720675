using Containerd.Client.Records;
using Containerd.Client.Transport;

namespace Containerd.Client.Workloads.Tasks;

/// <summary>Finds and ends shims that have no task. Until one is gone, containerd creates no task of its container.</summary>
internal sealed class LeftoverShim(RecordScope ns)
{
    /// <summary>The time limit for a shim to start creating its task.</summary>
    private static readonly TimeSpan NewShimPatience = TimeSpan.FromMilliseconds(200);

    private const string NotCreated = "not created";

    /// <summary>
    /// Ends a shim that has no task, since the daemon went away while the task was created. Tasks.Delete does that, though it answers that
    /// there is no such task.
    /// </summary>
    /// <returns>Whether there were any.</returns>
    internal async Task<bool> EndAsync(string containerId, CancellationToken cancellationToken)
    {
        try
        {
            // Asked twice: a shim that another client has just started for its task has none yet either, and answers nothing while it
            // creates one.
            for (var asked = 0; asked < 2; asked++)
            {
                if (asked > 0)
                    await Task.Delay(NewShimPatience, cancellationToken).ConfigureAwait(false);
                if (!await IsAloneAsync(containerId, cancellationToken).ConfigureAwait(false))
                    return false;
            }

            await ns.Init(containerId).DeleteAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (CtrNotFoundException)
        {
            return true;
        }
        catch (CtrException e) when (!e.IsUnanswered())
        {
            // Another client has created a task with it.
            return false;
        }
    }

    /// <summary>
    /// Whether the daemon finds no task of a container although it refuses to create one because the task exists: it is still cleaning up
    /// after a dead shim, or the shim of another client is starting.
    /// </summary>
    internal async Task<bool> IsHiddenAsync(string containerId, CancellationToken cancellationToken) =>
        await MissingTaskDetailAsync(containerId, cancellationToken).ConfigureAwait(false) is { } detail
        && !detail.Contains(NotCreated, StringComparison.Ordinal);

    /// <summary>
    /// Whether there is a shim without a task: without a shim the daemon answers that it finds no task, and otherwise the shim answers that
    /// none was created.
    /// </summary>
    private async Task<bool> IsAloneAsync(string containerId, CancellationToken cancellationToken) =>
        await MissingTaskDetailAsync(containerId, cancellationToken).ConfigureAwait(false) is { } detail
        && detail.Contains(NotCreated, StringComparison.Ordinal);

    /// <summary>The daemon's reason for finding no task; null if it finds one.</summary>
    private async Task<string?> MissingTaskDetailAsync(string containerId, CancellationToken cancellationToken)
    {
        try
        {
            await ns.Init(containerId).GetAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (CtrNotFoundException e)
        {
            return e.InnerException is Grpc.Core.RpcException answer ? answer.Status.Detail : "";
        }
    }
}

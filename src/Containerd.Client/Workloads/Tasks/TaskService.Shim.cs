using Containerd.Client.Transport;

namespace Containerd.Client;

public sealed partial class TaskService
{
    /// <summary>The time limit for a shim to start creating its task.</summary>
    private static readonly TimeSpan NewShimPatience = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// The time limit for the daemon to clean up after a dead shim. Until then it does not create another task of that container.
    /// </summary>
    private static readonly TimeSpan DeadShimPatience = TimeSpan.FromSeconds(10);

    private const string NotCreated = "not created";

    private static readonly TimeSpan DeadShimPause = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Ends a shim without a task, which is left if the daemon stopped while the task was created: otherwise no other task can be created.
    /// Tasks.Delete does this, although it answers that the task does not exist.
    /// </summary>
    /// <returns>Whether there was one.</returns>
    internal async Task<bool> EndShimAsync(string containerId, CancellationToken cancellationToken)
    {
        try
        {
            // Checked twice: a shim that another client has just started does not have a task yet either, and does not answer while it
            // creates one.
            for (var asked = 0; asked < 2; asked++)
            {
                if (asked > 0)
                    await Task.Delay(NewShimPatience, cancellationToken).ConfigureAwait(false);
                if (!await IsShimAloneAsync(containerId, cancellationToken).ConfigureAwait(false))
                    return false;
            }

            await _rpc.DeleteAsync(containerId, "", cancellationToken).ConfigureAwait(false);
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
    /// Whether there is a shim without a task: without a shim, the daemon reports that it finds no task; otherwise the shim reports that
    /// none was created.
    /// </summary>
    private async Task<bool> IsShimAloneAsync(string containerId, CancellationToken cancellationToken) =>
        await MissingTaskDetailAsync(containerId, cancellationToken).ConfigureAwait(false) is { } detail
        && detail.Contains(NotCreated, StringComparison.Ordinal);

    /// <summary>
    /// Whether the daemon finds no task of a container although it refuses to create one because the task exists: it is still cleaning up
    /// after a dead shim, or the shim of another client is starting.
    /// </summary>
    private async Task<bool> IsHiddenAsync(string containerId, CancellationToken cancellationToken) =>
        await MissingTaskDetailAsync(containerId, cancellationToken).ConfigureAwait(false) is { } detail
        && !detail.Contains(NotCreated, StringComparison.Ordinal);

    /// <summary>The daemon's reason for finding no task; null if it finds one.</summary>
    private async Task<string?> MissingTaskDetailAsync(string containerId, CancellationToken cancellationToken)
    {
        try
        {
            await _rpc.GetAsync(containerId, "", cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (CtrNotFoundException e)
        {
            return e.InnerException is Grpc.Core.RpcException answer ? answer.Status.Detail : "";
        }
    }
}

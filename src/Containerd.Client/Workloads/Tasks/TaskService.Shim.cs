using Containerd.Client.Transport;

namespace Containerd.Client;

public sealed partial class TaskService
{
    /// <summary>How long a shim has to begin with the task that it was started for.</summary>
    private static readonly TimeSpan NewShimPatience = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// How long the daemon may take to remove what a dead shim held. Until then it creates no other task of that container.
    /// </summary>
    private static readonly TimeSpan DeadShimPatience = TimeSpan.FromSeconds(10);

    private const string NotCreated = "not created";

    private static readonly TimeSpan DeadShimPause = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Ends a shim that has no task, since the daemon went away while the task was made: no other can be made before. Tasks.Delete does,
    /// though it answers that there
    /// is no such task.
    /// </summary>
    /// <returns>Whether there was one.</returns>
    internal async Task<bool> EndShimAsync(string containerId, CancellationToken cancellationToken)
    {
        try
        {
            // Asked twice: a shim that somebody has just started for a task of theirs has none yet either, and answers nothing while it
            // makes one.
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
            // Somebody else has made a task of it.
            return false;
        }
    }

    /// <summary>
    /// Whether there is a shim without a task: where there is none, the daemon says that it finds no task, and otherwise the shim that none
    /// was created.
    /// </summary>
    private async Task<bool> IsShimAloneAsync(string containerId, CancellationToken cancellationToken) =>
        await MissingTaskDetailAsync(containerId, cancellationToken).ConfigureAwait(false) is { } detail
        && detail.Contains(NotCreated, StringComparison.Ordinal);

    /// <summary>
    /// Whether the daemon finds no task of a container although it creates none, because the task exists: it is still removing what a dead
    /// shim held, or another
    /// client's shim is starting.
    /// </summary>
    private async Task<bool> IsHiddenAsync(string containerId, CancellationToken cancellationToken) =>
        await MissingTaskDetailAsync(containerId, cancellationToken).ConfigureAwait(false) is { } detail
        && !detail.Contains(NotCreated, StringComparison.Ordinal);

    /// <summary>The daemon's reason why it finds no task; null if it finds one.</summary>
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

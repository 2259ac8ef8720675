using System.Globalization;
using System.Text.RegularExpressions;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Tasks;

namespace Containerd.Client;

public sealed partial class TaskService
{
    /// <summary>The first version of runc whose update changes rate limits of block devices.</summary>
    private static readonly Version FirstThrottlingRunc = new(1, 2);

    /// <summary>Sets the rate limits of block devices of a change first, because a runtime may silently ignore them.</summary>
    /// <returns>The change that undoes it; null for none.</returns>
    /// <exception cref="CtrNotSupportedException">
    /// The runtime ignores them, or may (ThrottleNotSupported): nothing has been changed.
    /// </exception>
    private async Task<CtrSpecResources?> ThrottleAsync(
        CtrContainer container,
        CtrTask task,
        CtrSpecResources change,
        CancellationToken cancellationToken
    )
    {
        if (BlockThrottles.Of(change) is not { } throttles)
            return null;
        var id = container.ContainerId;
        var root =
            _ns.Connection.LocalDaemon is { } daemon && daemon.SharesProcessIds()
                ? $"/proc/{daemon.Pid.ToString(CultureInfo.InvariantCulture)}/root"
                : null;
        if (root is null || BlockThrottles.Read(root, task.Pid) is not { } before)
        {
            if (!await HasThrottlesAsync(container, cancellationToken).ConfigureAwait(false))
                throw NoThrottles(
                    id,
                    $"Whether the runtime of container '{id}' can change limits on the rate of block devices cannot be seen from here"
                );
            return null;
        }

        var undo = BlockThrottles.Before(change, before);
        await SendUpdateAsync(id, throttles, cancellationToken).ConfigureAwait(false);
        if (!BlockThrottles.AreIn(throttles, BlockThrottles.Read(root, task.Pid) ?? before))
        {
            await RestoreAsync(id, undo).ConfigureAwait(false);
            throw NoThrottles(id, $"The runtime of container '{id}' ignores changes of limits on the rate of block devices");
        }

        return undo;
    }

    private static CtrNotSupportedException NoThrottles(string id, string what) =>
        new($"{what}.")
        {
            ErrorId = "ThrottleNotSupported",
            Subject = id,
            Remedy = "Use runc 1.2 or later, or change the container's spec and start the task again.",
        };

    /// <summary>Restores limits. The original error is more important than a failure of this.</summary>
    private async Task RestoreAsync(string containerId, CtrSpecResources? before)
    {
        if (before is null)
            return;
        using var deadline = new CancellationTokenSource(UnfinishedWork.CleanUpDeadline);
        try
        {
            await SendUpdateAsync(containerId, before, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException) { }
    }

    /// <summary>The daemon's data about the runtime of the container, if its control groups are not accessible.</summary>
    private async Task<bool> HasThrottlesAsync(CtrContainer container, CancellationToken cancellationToken)
    {
        try
        {
            var runtime = await _ns.Daemon.Runtimes.GetAsync(container.Runtime, _ns.Namespace, cancellationToken).ConfigureAwait(false);
            return RuncVersion().Match(runtime.Features ?? "") is { Success: true } match
                && Version.Parse(match.Groups["version"].Value) >= FirstThrottlingRunc;
        }
        catch (CtrException e) when (e is not CtrConnectionException)
        {
            return false;
        }
    }

    [GeneratedRegex("""runc\.version"\s*:\s*"(?<version>\d+\.\d+)""")]
    private static partial Regex RuncVersion();
}

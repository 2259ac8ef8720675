using System.Globalization;
using System.Text.RegularExpressions;
using Containerd.Client.Records;
using Containerd.Client.Transport;

namespace Containerd.Client.Workloads.Tasks;

/// <summary>Changes limits on the rate of block devices, which some runtimes ignore without an error.</summary>
internal sealed partial class TaskThrottling(RecordScope ns)
{
    /// <summary>The first version of runc whose update changes rate limits of block devices.</summary>
    private static readonly Version FirstThrottlingRunc = new(1, 2);

    /// <summary>Sets the rate limits of block devices of a change first, because a runtime may silently ignore them.</summary>
    /// <returns>The change that undoes it; null for none.</returns>
    /// <exception cref="CtrNotSupportedException">
    /// The runtime ignores them, or may (ThrottleNotSupported): nothing has been changed.
    /// </exception>
    internal async Task<CtrSpecResources?> SetAsync(
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
            ns.Connection.LocalDaemon is { } daemon && daemon.SharesProcessIds()
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
        await ns.TaskRecords.UpdateAsync(id, throttles, cancellationToken).ConfigureAwait(false);
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
            ErrorId = ErrorIds.ThrottleNotSupported,
            Subject = id,
            Remedy = "Use runc 1.2 or later, or change the container's spec and start the task again.",
        };

    /// <summary>Restores limits. The original error is more important than a failure of this.</summary>
    internal async Task RestoreAsync(string containerId, CtrSpecResources? before)
    {
        if (before is null)
            return;
        using var deadline = new CancellationTokenSource(BackgroundWork.CleanUpDeadline);
        try
        {
            await ns.TaskRecords.UpdateAsync(containerId, before, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException) { }
    }

    /// <summary>The daemon's data about the runtime of the container, if its control groups are not accessible.</summary>
    private async Task<bool> HasThrottlesAsync(CtrContainer container, CancellationToken cancellationToken)
    {
        try
        {
            var runtime = await ns.Daemon.Runtimes.GetAsync(container.Runtime, ns.Namespace, cancellationToken).ConfigureAwait(false);
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

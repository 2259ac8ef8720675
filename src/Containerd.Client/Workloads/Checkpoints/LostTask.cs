using System.Runtime.Versioning;
using Containerd.Client.Images;
using Containerd.Host.Processes;

namespace Containerd.Client.Workloads.Checkpoints;

/// <summary>
/// The shim of containerd 1.6 learns a restored process's id only after it runs, and misses the exit of one that exits before: such a task
/// is reported as running forever, and is removed only by the end of its shim.
/// </summary>
internal static class LostTask
{
    private const int Kill = 9;
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);

    /// <summary>Verifies that a task that was just restored is running, or is known to have exited.</summary>
    /// <returns>The current task.</returns>
    /// <exception cref="CtrRuntimeException">Its process is gone, and so is the task now (RestoreFailed).</exception>
    internal static async Task<CtrTask> RequireAliveAsync(ImageScope ns, CtrTask task, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
            return task;
        var giveUp = DateTime.UtcNow + Settling;
        while (task.Status == CtrStatus.Running && ProcessMark.Of(task.Pid) is null)
        {
            if (DateTime.UtcNow > giveUp)
            {
                await EndShimAsync(ns, task.ContainerId, cancellationToken).ConfigureAwait(false);
                throw new CtrRuntimeException(
                    $"The restored process of container '{task.ContainerId}' exited immediately, and containerd did not see its exit code."
                )
                {
                    ErrorId = ErrorIds.RestoreFailed,
                    Subject = task.ContainerId,
                    RemedyId = "ReadLog",
                    Remedy = "Read the last lines of its log. Restore the container without starting it to keep it when its start fails.",
                };
            }

            await Task.Delay(50, cancellationToken).ConfigureAwait(false);
            task = await ns.TaskRecords.GetAsync(task.ContainerId, cancellationToken).ConfigureAwait(false);
        }

        return task;
    }

    [SupportedOSPlatform("linux")]
    private static async Task EndShimAsync(ImageScope ns, string id, CancellationToken cancellationToken)
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var pid) && ProcessMark.Of(pid) is { } mark && IsShimOf(folder, ns, id))
                mark.Signal(Kill);
        }

        var giveUp = DateTime.UtcNow + Settling;
        while (DateTime.UtcNow < giveUp && await ns.TaskRecords.FindAsync(id, cancellationToken).ConfigureAwait(false) is not null)
            await Task.Delay(50, cancellationToken).ConfigureAwait(false);
    }

    private static bool IsShimOf(string folder, ImageScope ns, string id)
    {
        try
        {
            var words = File.ReadAllText(Path.Combine(folder, "cmdline")).Split('\0');
            string? After(string option) => Array.IndexOf(words, option) is var at and >= 0 && at + 1 < words.Length ? words[at + 1] : null;
            return Path.GetFileName(words[0]).StartsWith("containerd-shim", StringComparison.Ordinal)
                && After("-namespace") == ns.Namespace
                && After("-id") == id
                && After("-address") == ns.Connection.Address.Path;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has exited in the meantime.
            return false;
        }
    }
}

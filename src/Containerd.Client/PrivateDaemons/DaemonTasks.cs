using System.Globalization;
using System.Runtime.Versioning;
using Containerd.Host.Processes;

namespace Containerd.Client.PrivateDaemons;

/// <summary>The running tasks of a private daemon, read from its state folder, which works even if the daemon itself is dead.</summary>
[SupportedOSPlatform("linux")]
internal static class DaemonTasks
{
    /// <summary>The running tasks as <c>namespace/id</c>.</summary>
    public static IReadOnlyList<string> Running(DaemonRecord record)
    {
        var tasks = Path.Combine(record.Path, "state", "io.containerd.runtime.v2.task");
        if (!Directory.Exists(tasks))
            return [];
        var running =
            from space in Directory.GetDirectories(tasks)
            from bundle in Directory.GetDirectories(space)
            where IsRunning(bundle)
            orderby bundle
            select $"{Path.GetFileName(space)}/{Path.GetFileName(bundle)}";
        return [.. running];
    }

    private static bool IsRunning(string bundle)
    {
        try
        {
            var pid = int.Parse(File.ReadAllText(Path.Combine(bundle, "init.pid")), CultureInfo.InvariantCulture);
            var parent = ProcessMark.ParentOf(pid);

            // The id may belong to another process now: the init process of a container is a child of its shim, or an orphan if the shim
            // died.
            return parent == 1
                ? File.ReadAllText($"/proc/{pid}/cgroup").Contains("/" + Path.GetFileName(bundle), StringComparison.Ordinal)
                : parent > 0 && File.ReadAllText($"/proc/{parent}/comm").StartsWith("containerd-shim", StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException or OverflowException)
        {
            return false;
        }
    }
}

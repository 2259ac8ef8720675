namespace Containerd.Host;

/// <summary>Information about a daemon on this machine from its process: the configuration of its host from the daemon's view.</summary>
public sealed class LocalDaemon
{
    internal LocalDaemon(int pid) => Pid = pid;

    /// <summary>The process behind the socket (SO_PEERCRED).</summary>
    public int Pid { get; }

    /// <summary>The cgroup version in the mount namespace of the daemon, which may differ from ours; 0 if it cannot be read.</summary>
    /// <returns>1, 2 or 0.</returns>
    public int CgroupVersion()
    {
        var root = $"/proc/{Pid}/root/sys/fs/cgroup";
        if (File.Exists(root + "/cgroup.controllers"))
            return 2;
        return Directory.Exists(root + "/memory") || Directory.Exists(root + "/cpu") || Directory.Exists(root + "/unified") ? 1 : 0;
    }

    /// <summary>Whether systemd is the init system that the daemon sees, so that it can create scopes for containers.</summary>
    /// <returns>True if systemd runs; false also if it cannot be determined.</returns>
    public bool HasSystemd() => Directory.Exists($"/proc/{Pid}/root{HostFacts.SystemdFolder}") && !IsInForeignUserNamespace();

    /// <summary>Whether the daemon runs in a different user namespace, where our files, FIFOs and ids have a different meaning.</summary>
    /// <returns>True for a rootless daemon seen from outside its namespace.</returns>
    public bool IsInForeignUserNamespace()
    {
        var ours = Link("/proc/self/ns/user");
        var theirs = Link($"/proc/{Pid}/ns/user");
        return ours is not null && theirs is not null && ours != theirs;
    }

    /// <summary>
    /// Whether process ids of the daemon identify the same processes here: it may run in its own pid namespace, below ours.
    /// </summary>
    /// <returns>True if /proc shows the daemon's processes.</returns>
    public bool SharesProcessIds()
    {
        try
        {
            // One id for each pid namespace from ours down to its own.
            var line = File.ReadLines($"/proc/{Pid}/status").FirstOrDefault(l => l.StartsWith("NSpid:", StringComparison.Ordinal));
            return line?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length == 2;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The folders in which the daemon searches for programs: its PATH, and its own folder.</summary>
    /// <returns>The folders that are valid here too; empty if the daemon's process cannot be read, or has another root.</returns>
    internal IReadOnlyList<string> SearchPath()
    {
        try
        {
            if (Link($"/proc/{Pid}/root") != "/")
                return [];
            var path = File.ReadAllText($"/proc/{Pid}/environ")
                .Split('\0')
                .FirstOrDefault(v => v.StartsWith("PATH=", StringComparison.Ordinal))
                ?["PATH=".Length..]
                ?? "";
            return
            [
                .. path.Split(':').Append(Path.GetDirectoryName(Link($"/proc/{Pid}/exe")) ?? "").Where(f => f.StartsWith('/')).Distinct(),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string? Link(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The process of another user cannot be examined.
            return null;
        }
    }
}

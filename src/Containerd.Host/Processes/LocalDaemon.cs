namespace Containerd.Host;

/// <summary>
/// What can be learnt of a daemon on this machine from its process: how its host is set up, as the daemon itself sees it.
/// </summary>
public sealed class LocalDaemon
{
    internal LocalDaemon(int pid) => Pid = pid;

    /// <summary>The process behind the socket (SO_PEERCRED).</summary>
    public int Pid { get; }

    /// <summary>The cgroup version of the daemon's own mount namespace, which may differ from ours; 0 when it cannot be read.</summary>
    /// <returns>1, 2 or 0.</returns>
    public int CgroupVersion()
    {
        var root = $"/proc/{Pid}/root/sys/fs/cgroup";
        if (File.Exists(root + "/cgroup.controllers"))
            return 2;
        return Directory.Exists(root + "/memory") || Directory.Exists(root + "/cpu") || Directory.Exists(root + "/unified") ? 1 : 0;
    }

    /// <summary>Whether the daemon runs in another user namespace than we do, where our files, FIFOs and ids mean something else.</summary>
    /// <returns>True for a rootless daemon seen from outside its namespace.</returns>
    public bool IsInForeignUserNamespace()
    {
        var ours = Link("/proc/self/ns/user");
        var theirs = Link($"/proc/{Pid}/ns/user");
        return ours is not null && theirs is not null && ours != theirs;
    }

    /// <summary>
    /// Whether a process id of the daemon's means the same process to us: it may run in a process namespace of its own, below ours.
    /// </summary>
    /// <returns>True where /proc shows what the daemon speaks of.</returns>
    public bool SharesProcessIds()
    {
        try
        {
            // One number for each process namespace from ours down to its own.
            var line = File.ReadLines($"/proc/{Pid}/status").FirstOrDefault(l => l.StartsWith("NSpid:", StringComparison.Ordinal));
            return line?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length == 2;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The folders where the daemon looks for programs: its PATH, and its own folder.</summary>
    /// <returns>The folders that mean the same to us; empty where the daemon's process cannot be read, or has another root.</returns>
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
            // Another user's process: nothing can be said of it.
            return null;
        }
    }
}

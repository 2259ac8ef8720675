using System.Runtime.Versioning;
using Containerd.Host.Mounts;

namespace Containerd.Host.Processes;

/// <summary>The control groups of processes, with both versions of them (proc(5), cgroup).</summary>
[SupportedOSPlatform("linux")]
internal static class ControlGroups
{
    private const string Version2 = "cgroup2";
    private const string Version1 = "cgroup";

    /// <summary>The files to which a process writes 0 to be in the control groups of another process.</summary>
    /// <param name="pid">The other process.</param>
    /// <returns>The files of the groups that this process is not in; those that cannot be found are left out.</returns>
    internal static IReadOnlyList<string> EntrancesOf(int pid)
    {
        try
        {
            var own = Read("thread-self").ToHashSet();
            var mounts = MountTable.OfThread().Where(m => m.Type is Version1 or Version2).ToList();
            return [.. Read($"{pid}").Where(group => !own.Contains(group)).Select(FileOf).OfType<string>()];

            string? FileOf((string Controllers, string Path) group) =>
                mounts
                    .Where(m =>
                        group.Controllers.Length == 0
                            ? m.Type == Version2
                            : m.Type == Version1 && group.Controllers.Split(',').All(m.Options.Contains)
                    )
                    .Select(m => $"{m.Point}{group.Path.TrimEnd('/')}/cgroup.procs")
                    .FirstOrDefault(File.Exists);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The groups of a process: the controllers, or the name, of a hierarchy (none with version 2), and the path in it.</summary>
    private static IEnumerable<(string Controllers, string Path)> Read(string process) =>
        File.ReadAllLines($"/proc/{process}/cgroup")
            .Select(line => line.Split(':', 3))
            .Where(parts => parts.Length == 3 && !parts[2].Contains("/..", StringComparison.Ordinal))
            .Select(parts => (parts[1], parts[2]));
}

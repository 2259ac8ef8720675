using System.Diagnostics;
using System.Globalization;
using Containerd.Host.Processes;
using Containerd.Testing;

namespace Containerd.Client.Tests.Daemons;

/// <summary>What a daemon has on the machine while it runs, and whether anything is left of it afterwards.</summary>
internal static class DaemonTraces
{
    /// <summary>Runs a container that sleeps, by containerd's own client.</summary>
    public static async Task RunTaskAsync(PrivateDaemon daemon, string id)
    {
        await daemon.CtrAsync("images", "import", await TestImages.BusyboxTarAsync());
        await daemon.CtrAsync("run", "--detach", "--null-io", "--runc-binary", daemon.Runtime, TestImages.Busybox, id, "sleep", "600");
    }

    /// <summary>Every process that names the daemon's socket or folder, and everything below those.</summary>
    public static IReadOnlyList<int> ProcessesOf(PrivateDaemon daemon)
    {
        var parents = new Dictionary<int, int>();
        var found = new HashSet<int>();
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                continue;
            try
            {
                var command = File.ReadAllText(Path.Combine(folder, "cmdline"));
                parents[pid] = ProcessMark.ParentOf(pid);
                if (
                    command.Contains(daemon.Daemon.Path, StringComparison.Ordinal)
                    || command.Contains(daemon.SocketPath, StringComparison.Ordinal)
                )
                    found.Add(pid);
            }
            catch (IOException)
            {
                // It ended in between.
            }
        }

        bool more;
        do
        {
            more = false;
            foreach (var (pid, parent) in parents)
            {
                if (found.Contains(parent))
                    more |= found.Add(pid);
            }
        } while (more);
        return [.. found];
    }

    public static void AssertNothingLeft(PrivateDaemon daemon, IReadOnlyList<int> pids)
    {
        Assert.Empty(ProcessesOf(daemon));
        Assert.DoesNotContain(pids, pid => ProcessMark.Of(pid) is not null);
        Assert.DoesNotContain(daemon.Daemon.Path, File.ReadAllText("/proc/mounts"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(daemon.Daemon.Path), daemon.Daemon.Path);
        Assert.False(File.Exists(daemon.Daemon.Path + ".log"));
        Assert.False(Directory.Exists(Path.GetDirectoryName(daemon.SocketPath)));
        Assert.False(Directory.Exists($"/run/containerd/runc/{daemon.Namespace}"));
        Assert.Empty(Directory.GetDirectories("/sys/fs/cgroup", daemon.Namespace));
        foreach (var controller in Directory.GetDirectories("/sys/fs/cgroup"))
        {
            Assert.False(Directory.Exists(Path.Combine(controller, daemon.Namespace)), controller);
        }
    }

    public static void Kill(int pid)
    {
        using var process = Process.GetProcessById(pid);
        process.Kill();
    }
}

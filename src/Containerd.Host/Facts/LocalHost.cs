using System.Globalization;
using System.Runtime.Versioning;

namespace Containerd.Host.Facts;

/// <summary>
/// Data that the shim does not report but that is available if the daemon runs on this machine: the host's memory, and the network traffic
/// of a task.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class LocalHost
{
    private static readonly long? Memory = ReadMemory();

    internal static void Complete(CtrStats stats, LocalDaemon daemon)
    {
        stats.HostMemory = Memory;
        if (stats.Networks is null && daemon.SharesProcessIds())
            stats.Networks = Interfaces(stats.Pid, daemon.Pid);
        if (stats.Networks is { } networks)
        {
            stats.NetworkRx = networks.Sum(n => n.RxBytes);
            stats.NetworkTx = networks.Sum(n => n.TxBytes);
        }
    }

    /// <summary>The interfaces of a process's network; null if they are the daemon's own, or cannot be read.</summary>
    internal static CtrNetworkStats[]? Interfaces(int pid, int daemonPid)
    {
        try
        {
            var theirs = new FileInfo($"/proc/{pid}/ns/net").LinkTarget;
            if (pid <= 0 || theirs is null || theirs == new FileInfo($"/proc/{daemonPid}/ns/net").LinkTarget)
                return null;
            return Parse(File.ReadAllLines($"/proc/{pid}/net/dev"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has exited, or belongs to another user.
            return null;
        }
    }

    /// <summary>
    /// Parses /proc/net/dev: two header lines, then one line for each interface, with eight numbers for received and eight for sent data.
    /// </summary>
    internal static CtrNetworkStats[] Parse(IEnumerable<string> lines)
    {
        var found = new List<CtrNetworkStats>();
        foreach (var line in lines.Skip(2))
        {
            var colon = line.LastIndexOf(':');
            if (colon < 0)
                continue;
            var name = line[..colon].Trim();
            var numbers = line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (name == "lo" || numbers.Length < 12)
                continue;
            long Number(int index) =>
                ulong.TryParse(numbers[index], NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                    ? (long)Math.Min(value, long.MaxValue)
                    : 0;
            found.Add(
                new CtrNetworkStats
                {
                    Name = name,
                    RxBytes = Number(0),
                    RxPackets = Number(1),
                    RxErrors = Number(2),
                    RxDropped = Number(3),
                    TxBytes = Number(8),
                    TxPackets = Number(9),
                    TxErrors = Number(10),
                    TxDropped = Number(11),
                }
            );
        }

        return [.. found];
    }

    private static long? ReadMemory()
    {
        try
        {
            var line = File.ReadLines("/proc/meminfo").First(l => l.StartsWith("MemTotal:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or InvalidOperationException)
        {
            return null;
        }
    }
}

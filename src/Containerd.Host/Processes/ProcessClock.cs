using System.Globalization;

namespace Containerd.Host.Processes;

/// <summary>The times of processes in /proc, which count from the start of the machine.</summary>
internal static class ProcessClock
{
    /// <summary>USER_HZ, the unit of times in /proc: 100 on every Linux that .NET runs on.</summary>
    private const long TicksPerClock = TimeSpan.TicksPerSecond / 100;

    private static readonly DateTime BootedAt = ReadBootTime();

    /// <summary>A length of time.</summary>
    internal static TimeSpan Duration(long clocks) => new(clocks * TicksPerClock);

    /// <summary>A point in time, in local time.</summary>
    internal static DateTime Time(long clocks) => BootedAt.AddTicks(clocks * TicksPerClock).ToLocalTime();

    /// <summary>The time since the start of the machine.</summary>
    internal static TimeSpan SinceBoot()
    {
        var text = File.ReadAllText("/proc/uptime");
        return TimeSpan.FromSeconds(double.Parse(text[..text.IndexOf(' ', StringComparison.Ordinal)], CultureInfo.InvariantCulture));
    }

    private static DateTime ReadBootTime()
    {
        try
        {
            var line = File.ReadLines("/proc/stat").First(l => l.StartsWith("btime ", StringComparison.Ordinal));
            return DateTime.UnixEpoch.AddSeconds(long.Parse(line["btime ".Length..], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or FormatException)
        {
            return DateTime.UtcNow - TimeSpan.FromMilliseconds(Environment.TickCount64);
        }
    }
}

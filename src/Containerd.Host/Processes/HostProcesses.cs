using System.Globalization;
using System.Runtime.Versioning;

namespace Containerd.Host.Processes;

/// <summary>What /proc shows of a container's processes.</summary>
[SupportedOSPlatform("linux")]
internal sealed class HostProcesses(int initPid)
{
    /// <summary>USER_HZ, in which /proc counts: 100 on every Linux that .NET runs on.</summary>
    private const long TicksPerClock = TimeSpan.TicksPerSecond / 100;

    private static readonly DateTime BootedAt = ReadBootTime();

    // Every container that is listed has files of its own.
    private readonly Lazy<UserLookup?> _users = new(() => ReadUsers(initPid));

    /// <summary>Adds what is known of a process.</summary>
    /// <returns>False when it has ended.</returns>
    internal bool Complete(CtrProcessInfo process)
    {
        var folder = $"/proc/{process.Pid}";
        try
        {
            AddStat(File.ReadAllText(folder + "/stat"), process);
            AddStatus(File.ReadAllLines(folder + "/status"), File.ReadAllLines(folder + "/uid_map"), process);
            process.Command = Words(File.ReadAllText(folder + "/cmdline"));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException) when (!Directory.Exists(folder))
        {
            // A file that was open as it ended gives ESRCH.
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Hidden from this user: the ids alone, then.
            return true;
        }

        if (process.UserId is { } uid)
            process.User = (uid <= int.MaxValue ? _users.Value?.NameOf((uint)uid) : null) ?? uid.ToString(CultureInfo.InvariantCulture);
        return true;
    }

    /// <summary>Reads /proc/PID/stat, where the program's name may hold anything but is in parentheses.</summary>
    internal static void AddStat(string stat, CtrProcessInfo process)
    {
        var opening = stat.IndexOf('(', StringComparison.Ordinal);
        var closing = stat.LastIndexOf(')');
        var fields = stat[(closing + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (opening < 0 || closing < opening || fields.Length < 22)
            return;
        long Number(int index) => long.Parse(fields[index], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        process.Name = stat[(opening + 1)..closing];
        process.State = StateOf(fields[0][0]);
        process.ParentPid = (int)Number(1);
        process.UserTime = new TimeSpan(Number(11) * TicksPerClock);
        process.KernelTime = new TimeSpan(Number(12) * TicksPerClock);
        process.CpuTime = process.UserTime + process.KernelTime;
        process.Threads = (int)Number(17);
        process.StartTime = BootedAt.AddTicks(Number(19) * TicksPerClock).ToLocalTime();
        process.WorkingSet = Math.Max(0, Number(21)) * Environment.SystemPageSize;
    }

    /// <summary>Reads the process id and the user, both as the container has them.</summary>
    internal static void AddStatus(IEnumerable<string> status, IReadOnlyList<string> uidMap, CtrProcessInfo process)
    {
        foreach (var line in status)
        {
            var fields = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            switch (fields.Length > 0 ? fields[0] : "")
            {
                case "NSpid:":
                    process.ContainerPid = int.Parse(fields[^1], CultureInfo.InvariantCulture);
                    break;
                case "Uid:":
                    process.UserId = Inside(long.Parse(fields[2], CultureInfo.InvariantCulture), uidMap);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>The words of /proc/PID/cmdline, each ended by a zero byte; a program may have written something else over it.</summary>
    internal static string[] Words(string commandLine) => commandLine.Length == 0 ? [] : commandLine.TrimEnd('\0').Split('\0');

    /// <summary>A user's number inside of a user namespace; as it is when it has none there.</summary>
    private static long Inside(long uid, IReadOnlyList<string> map)
    {
        foreach (var line in map)
        {
            var numbers = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
                .Select(n => long.Parse(n, CultureInfo.InvariantCulture))
                .ToArray();
            if (numbers is [var inside, var outside, var count] && uid >= outside && uid < outside + count)
                return inside + (uid - outside);
        }

        return uid;
    }

    private static CtrProcessState StateOf(char letter) =>
        letter switch
        {
            'R' => CtrProcessState.Running,
            'S' => CtrProcessState.Sleeping,
            'D' => CtrProcessState.Uninterruptible,
            'T' => CtrProcessState.Stopped,
            't' => CtrProcessState.Traced,
            'Z' or 'X' or 'x' => CtrProcessState.Zombie,
            'I' => CtrProcessState.Idle,
            _ => CtrProcessState.Unknown,
        };

    private static UserLookup? ReadUsers(int pid)
    {
        try
        {
            return RootfsReader.Read($"/proc/{pid}/root", UserLookup.From);
        }
        catch (Exception e) when (e is CtrException or IOException or UnauthorizedAccessException)
        {
            // Numbers have to do.
            return null;
        }
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

using System.Globalization;
using System.Runtime.Versioning;

namespace Containerd.Host.Processes;

/// <summary>Data in /proc about the processes of a container.</summary>
[SupportedOSPlatform("linux")]
internal sealed class HostProcesses(int initPid)
{
    // Each container has its own files.
    private readonly Lazy<UserLookup?> _users = new(() => ReadUsers(initPid));

    /// <summary>Adds the data of a process.</summary>
    /// <returns>Returns false if it has exited.</returns>
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
            // Reading a file that was open when the process exited fails with ESRCH.
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Hidden from this user: only the ids are available.
            return true;
        }

        if (process.UserId is { } uid)
            process.User = (uid <= int.MaxValue ? _users.Value?.NameOf((uint)uid) : null) ?? uid.ToString(CultureInfo.InvariantCulture);
        return true;
    }

    /// <summary>Parses /proc/PID/stat, where the name of the program may contain any characters but is in parentheses.</summary>
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
        process.UserTime = ProcessClock.Duration(Number(11));
        process.KernelTime = ProcessClock.Duration(Number(12));
        process.CpuTime = process.UserTime + process.KernelTime;
        process.Threads = (int)Number(17);
        process.StartTime = ProcessClock.Time(Number(19));
        process.WorkingSet = Math.Max(0, Number(21)) * Environment.SystemPageSize;
    }

    /// <summary>Reads the process id and the user in the container.</summary>
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

    /// <summary>The arguments in /proc/PID/cmdline, each terminated by a null byte; a program may have overwritten them.</summary>
    internal static string[] Words(string commandLine) => commandLine.Length == 0 ? [] : commandLine.TrimEnd('\0').Split('\0');

    /// <summary>The id of a user inside a user namespace; unchanged if it is not mapped.</summary>
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
            // Only ids are available.
            return null;
        }
    }
}

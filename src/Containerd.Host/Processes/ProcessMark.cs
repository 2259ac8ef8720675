using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text.Json.Serialization;

namespace Containerd.Host.Processes;

/// <summary>
/// A process, identified by its id and its start time: ids are reused, so the id alone may identify another process later.
/// </summary>
[SupportedOSPlatform("linux")]
internal readonly partial record struct ProcessMark(int Pid, long StartTime)
{
    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    /// <summary>Whether exactly this process exists and is not a zombie.</summary>
    [JsonIgnore]
    public bool IsAlive => Pid > 0 && Of(Pid) is { } now && now.StartTime == StartTime;

    /// <summary>The running process with an id.</summary>
    public static ProcessMark? Of(int pid) => Look(pid) is var (_, startTime) ? new ProcessMark(pid, startTime) : null;

    /// <summary>The parent of a running process; 0 if the process does not exist.</summary>
    public static int ParentOf(int pid) => Look(pid) is var (parent, _) ? parent : 0;

    /// <summary>The start of a running process, in local time; null if it does not exist.</summary>
    public static DateTime? StartOf(int pid) => pid > 0 && Look(pid) is var (_, startTime) ? ProcessClock.Time(startTime) : null;

    /// <summary>
    /// The age of a running process, to the hundredth of a second: the time of the boot, from which its start is counted, is known only to
    /// the second. Null if the process does not exist.
    /// </summary>
    public static TimeSpan? AgeOf(int pid) =>
        pid > 0 && Look(pid) is var (_, startTime) ? ProcessClock.SinceBoot() - ProcessClock.Duration(startTime) : null;

    /// <summary>Sends a signal, if it is still the same process.</summary>
    public void Signal(int signal)
    {
        if (IsAlive)
            _ = Kill(Pid, signal);
    }

    private static (int Parent, long StartTime)? Look(int pid)
    {
        try
        {
            var line = File.ReadAllText($"/proc/{pid}/stat");

            // The command name, in parentheses, may contain any characters: the fields after it are counted from its end.
            var fields = line[(line.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X"
                ? null
                : (int.Parse(fields[1], CultureInfo.InvariantCulture), long.Parse(fields[19], CultureInfo.InvariantCulture));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}

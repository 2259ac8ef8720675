using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text.Json.Serialization;

namespace Containerd.Host.Processes;

/// <summary>A process by its id and its start time: ids are used again, so the id alone may be somebody else's by now.</summary>
[SupportedOSPlatform("linux")]
internal readonly partial record struct ProcessMark(int Pid, long StartTime)
{
    /// <summary>SIGTERM.</summary>
    public const int Terminate = 15;

    /// <summary>Whether this very process is there and not a zombie.</summary>
    [JsonIgnore]
    public bool IsAlive => Pid > 0 && Of(Pid) is { } now && now.StartTime == StartTime;

    /// <summary>The living process that has an id now.</summary>
    public static ProcessMark? Of(int pid) => Look(pid) is var (_, startTime) ? new ProcessMark(pid, startTime) : null;

    /// <summary>The parent of a living process; 0 when there is no such process.</summary>
    public static int ParentOf(int pid) => Look(pid) is var (parent, _) ? parent : 0;

    /// <summary>Sends a signal, if the process is still the same one.</summary>
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

            // The command's name, in parentheses, may hold anything: the fields after it count from its end.
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

using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using Containerd.Host.Native;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;
using Containerd.Host.Processes;

namespace Containerd.Host.Networks.Names;

/// <summary>The process of a name server. The caller holds the lock.</summary>
/// <param name="folder">The folder with its files.</param>
/// <param name="network">The network namespace that it listens in.</param>
[SupportedOSPlatform("linux")]
internal sealed class NameServerProcess(string folder, string network)
{
    private const string PidFile = "aardvark.pid";
    private const int Hangup = 1;
    private const int Kill = 9;
    private const int Step = 20;
    private const string Shell = "/bin/sh";

    // The words up to the dashes are files of control groups; the others are the program and its arguments.
    private const string MoveAndRun = """
        while [ "$1" != -- ]; do { echo 0 > "$1"; } 2>/dev/null; shift; done; shift; exec "$@"
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The process: the number in its file may be that of another one by now.</summary>
    internal ProcessMark? Find()
    {
        try
        {
            return
                int.TryParse(File.ReadAllText(PidPath), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && ProcessMark.Of(pid) is { } process
                && LibcMounts.TryStat($"/proc/{pid}", followLinks: true, out var stat)
                && stat.Uid == LibcFiles.User
                && File.ReadAllText($"/proc/{pid}/cmdline").Split('\0').Contains(folder)
                && LibcNetworks.NamespaceOf($"{pid}") == network
                ? process
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Starts the program, which continues in the background, in a session of its own and without the streams of a hook.</summary>
    /// <param name="name">The network that requires it.</param>
    /// <param name="containers">The containers that it serves. The program is in their folders: those of a client may be others.</param>
    /// <param name="budget">The time for it.</param>
    /// <exception cref="CtrNotFoundException">NameServerMissing.</exception>
    /// <exception cref="CtrRuntimeException">NameServerFailed.</exception>
    internal void Start(string name, IReadOnlyList<AttachmentRecord> containers, TimeBudget budget)
    {
        string[] words =
        [
            containers.Select(c => NameServerProgram.TryFind(c.Request.Folders)).OfType<string>().FirstOrDefault()
                ?? throw NameServerProgram.Missing(name),
            "--config",
            folder,
            "--port",
            NameQuery.Port.ToString(CultureInfo.InvariantCulture),
            "run",
        ];
        // A client may be in the control group of a unit or a session, which is killed with everything in it.
        var groups = containers.Select(c => ProcessMark.ParentOf(c.Pid)).Where(IsShim).Select(ControlGroups.EntrancesOf).FirstOrDefault()
            ?? [];
        if (groups.Count > 0)
            words = [Shell, "-c", MoveAndRun, "sh", .. groups, "--", .. words];
        LibcFiles.Delete(PidPath);
        SpawnResult result;
        try
        {
            result = LibcSpawn.Run(words[0], words[1..], ["PATH=" + HostProgram.SearchPath([])], [], budget.Remaining);
        }
        catch (IOException e)
        {
            throw NameServerErrors.Failed(name, e.Message.TrimEnd('.'), e);
        }

        if (result.TimedOut || result.ExitCode != 0)
            throw NameServerErrors.Failed(name, ReasonOf(result));
    }

    /// <summary>Makes the process read its files again.</summary>
    internal static void Reload(ProcessMark process) => process.Signal(Hangup);

    /// <summary>Ends the process, if it runs.</summary>
    internal void End()
    {
        if (Find() is not { } process)
            return;
        process.Signal(ProcessMark.Terminate);
        // The next one listens at the same addresses.
        WaitForEnd(process);
        process.Signal(Kill);
        WaitForEnd(process);
    }

    private string PidPath => Path.Combine(folder, PidFile);

    /// <summary>A shim is in the control group of the daemon that started it, and stays there when the daemon ends.</summary>
    private static bool IsShim(int pid)
    {
        try
        {
            return pid > 0 && File.ReadAllText($"/proc/{pid}/comm").StartsWith("containerd-shim", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void WaitForEnd(ProcessMark process)
    {
        var budget = new TimeBudget(Patience);
        while (process.IsAlive && budget.Remaining > TimeSpan.Zero)
            Thread.Sleep(Step);
    }

    private static string ReasonOf(SpawnResult result)
    {
        // The parent and the child of the program write a line each, in any order.
        var lines = Encoding
            .UTF8.GetString(result.Error)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.TrimEnd('.'));
        return string.Join("; ", lines) is { Length: > 0 } reason ? reason
            : result.TimedOut ? "it did not start in time"
            : $"it ended with exit code {result.ExitCode}";
    }
}

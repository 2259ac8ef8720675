using System.Collections.Concurrent;
using System.Globalization;
using Containerd.PowerShell.Tests.Hosts;
using Containerd.Testing;

[assembly: AssemblyFixture(typeof(HostTable))]

namespace Containerd.PowerShell.Tests.Hosts;

/// <summary>
/// The table of README.md that shows where the module was tested. Tests add what they have shown; a run that includes all of them writes
/// the table at its end.
/// </summary>
public sealed class HostTable : IDisposable
{
    private const string Start = "<!-- Written by the test run (HostTable). -->\n";
    private const string End = "<!-- End of the table. -->\n";

    /// <summary>The daemons of the tests, without which a run is a part: where each was used, by its Debian suite.</summary>
    private static readonly string[] Complete = ["bookworm here", "trixie here", "sid here", "bookworm vm", "sid vm"];

    private static readonly ConcurrentDictionary<string, bool> Daemons = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<(string Containerd, string Host, string Session, string Runtime), bool> Shown = [];

    /// <summary>Adds a daemon on this machine with which the lifecycle of containers was shown.</summary>
    public static void AddHere(string suite, string runtime, CtrInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        Add($"{suite} here", info, string.Create(CultureInfo.InvariantCulture, $"cgroup v{info.CgroupVersion}"), "on the host", runtime);
    }

    /// <summary>Adds a daemon in the virtual machine.</summary>
    public static void AddVm(string suite, string runtime, CtrInfo info, string systemd)
    {
        ArgumentNullException.ThrowIfNull(info);
        Add(
            $"{suite} vm",
            info,
            string.Create(CultureInfo.InvariantCulture, $"cgroup v{info.CgroupVersion}, systemd {systemd}"),
            "over SSH",
            runtime
        );
    }

    /// <summary>The table, with one row for each containerd and host.</summary>
    public static string Rows(IEnumerable<(string Containerd, string Host, string Session, string Runtime)> shown) =>
        "| containerd | Runtimes | Host | Session |\n|---|---|---|---|\n"
        + string.Concat(
            shown
                .GroupBy(row => (row.Containerd, row.Host, row.Session))
                .OrderBy(rows => Version.Parse(rows.Key.Containerd))
                .ThenBy(rows => rows.Key.Host, StringComparer.Ordinal)
                .Select(rows =>
                    $"| {rows.Key.Containerd} | {string.Join(", ", rows.Select(row => row.Runtime).Distinct().Order(StringComparer.Ordinal))} | {rows.Key.Host} | {rows.Key.Session} |\n"
                )
        );

    /// <summary>Replaces the table in a text.</summary>
    public static string Replace(string text, string table)
    {
        ArgumentNullException.ThrowIfNull(text);
        var start = text.IndexOf(Start, StringComparison.Ordinal) + Start.Length;
        return text[..start] + "\n" + table + "\n" + text[text.IndexOf(End, start, StringComparison.Ordinal)..];
    }

    public void Dispose()
    {
        if (!Complete.All(Daemons.ContainsKey))
            return;
        var path = Path.Combine(Repository.Root, "README.md");
        var text = File.ReadAllText(path);
        var now = Replace(text, Rows(Shown.Keys));
        if (now != text)
            File.WriteAllText(path, now);
    }

    private static void Add(string daemon, CtrInfo info, string host, string session, string runtime)
    {
        var version = Version.Parse(info.Version.Split('-', '~', '+')[0]);
        Shown[(version.ToString(2), host, session, runtime)] = true;
        Daemons[daemon] = true;
    }
}

using System.Collections.Concurrent;
using System.Diagnostics;
using Containerd.Client;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Lifecycle;

/// <summary>
/// A private daemon with the busybox image in its tests' namespace, and what is left in it, as containerd's own client sees it.
/// </summary>
public sealed class DaemonFixture : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<string, bool> Told = new(StringComparer.Ordinal);

    private DaemonFixture(PrivateDaemon daemon, string ctr)
    {
        Daemon = daemon;
        Ctr = ctr;
    }

    public PrivateDaemon Daemon { get; }

    /// <summary>containerd's own client, of the daemon's version.</summary>
    public string Ctr { get; }

    public string Namespace => Daemon.Namespace;

    public static async Task<DaemonFixture> StartAsync(string suite, string runtime, Action<CtrDaemonOptions>? adjust = null)
    {
        var daemon = await PrivateDaemon.StartAsync(suite, runtime, adjust);
        var fixture = new DaemonFixture(
            daemon,
            suite == "bookworm" ? "ctr" : Path.Combine(await DebianSuite.FolderAsync(suite), "bin", "ctr")
        );
        await fixture.ImportAsync(daemon.Namespace, await TestImages.BusyboxTarAsync());
        return fixture;
    }

    /// <summary>Imports an image's tar into a namespace with the code under test.</summary>
    public async Task ImportAsync(string ns, string tar)
    {
        using var engine = Open(ns);
        engine.Require($"Import-CtrImage '{tar}'");
        await Task.CompletedTask;
    }

    /// <summary>A user's session: the built module, connected to this daemon.</summary>
    public Engine Open(string? ns = null)
    {
        var engine = new Engine();
        engine.Require($"Connect-CtrSession '{Daemon.Address}' -Namespace {ns ?? Namespace} -Name {PrivateDaemon.Unique("session")}");
        return engine;
    }

    /// <summary>Runs containerd's own client.</summary>
    public Task<string> CtrAsync(params string[] arguments) => CtrInAsync(Namespace, arguments);

    public Task<string> CtrInAsync(string ns, params string[] arguments) =>
        Shell.RunAsync(Ctr, ["--address", Daemon.SocketPath, "--namespace", ns, .. arguments]);

    /// <summary>Everything that a container may leave behind, by the first column of containerd's own lists.</summary>
    public async Task<IReadOnlyList<string>> LeftAsync(string? ns = null)
    {
        ns ??= Namespace;
        var left = new List<string>();
        left.AddRange(Rows(await CtrInAsync(ns, "containers", "list")).Select(r => "container " + r));
        left.AddRange(Rows(await CtrInAsync(ns, "tasks", "list")).Select(r => "task " + r));
        left.AddRange(Rows(await CtrInAsync(ns, "leases", "list")).Select(r => "lease " + r));
        left.AddRange(Rows(await CtrInAsync(ns, "content", "active")).Select(r => "ingest " + r));
        // The image's own layers are committed; a container's is active, a lookup's is a view.
        left.AddRange(
            (await CtrInAsync(ns, "snapshots", "list"))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Skip(1)
                .Where(l => !l.TrimEnd().EndsWith("Committed", StringComparison.Ordinal))
                .Select(l => "snapshot " + l.Split(' ')[0])
        );
        return left;
    }

    /// <summary>The folders of this process's named pipes.</summary>
    public static IReadOnlyList<string> Pipes()
    {
        const string Root = "/run/containerd-powershell/stdio";
        if (!Directory.Exists(Root))
            return [];
        try
        {
            return [.. Directory.EnumerateDirectories(Root, $"{Environment.ProcessId}-*").SelectMany(Directory.EnumerateDirectories)];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    /// <summary>
    /// Every folder of named pipes that is there now, other tests' among them, goes within the time that their processes take. What stays
    /// is told once.
    /// </summary>
    public static async Task AssertPipesGoAsync()
    {
        var now = Pipes().Where(p => !Told.ContainsKey(p)).ToList();
        var waiting = Stopwatch.StartNew();
        while (now.Intersect(Pipes()).ToList() is { Count: > 0 } left)
        {
            if (waiting.Elapsed > TimeSpan.FromSeconds(40) && left.Where(p => Told.TryAdd(p, true)).ToList() is { Count: > 0 } stay)
                Assert.Fail($"Named pipes stay:\n{string.Join('\n', stay.Select(p => $"{p}: {string.Join(", ", Holders(p))}"))}");
            if (waiting.Elapsed > TimeSpan.FromSeconds(40))
                return;
            await Task.Delay(50);
        }
    }

    // The processes that have a folder's pipes open, for diagnosis.
    private static IEnumerable<string> Holders(string folder)
    {
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])))
        {
            var held = new List<string>();
            var name = "";
            try
            {
                held.AddRange(
                    new DirectoryInfo(Path.Combine(process, "fd"))
                        .EnumerateFileSystemInfos()
                        .Select(f => f.LinkTarget ?? "")
                        .Where(t => t.StartsWith(folder + "/", StringComparison.Ordinal))
                        .Select(t => Path.GetFileName(t)!)
                );
                name = File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended.
            }

            if (held.Count > 0)
                yield return $"[{name}] has {string.Join('+', held)}";
        }
    }

    public ValueTask DisposeAsync() => Daemon.DisposeAsync();

    private static IEnumerable<string> Rows(string table) =>
        table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(l => l.Split([' ', '\t'])[0]);
}

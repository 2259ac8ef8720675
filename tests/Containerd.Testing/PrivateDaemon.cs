using Containerd.Client;

namespace Containerd.Testing;

/// <summary>
/// A containerd of the tests' own. <c>bookworm</c> is the machine's, <c>trixie</c> and <c>sid</c> are those of later Debian suites. Daemons
/// share the runtime's folder and the cgroups below a namespace's name: so each has a namespace name that no other one uses.
/// </summary>
public sealed class PrivateDaemon : IAsyncDisposable
{
    private PrivateDaemon(CtrDaemon daemon, string suite, string runtime)
    {
        Daemon = daemon;
        Suite = suite;
        Runtime = runtime;
    }

    public CtrDaemon Daemon { get; }

    /// <summary>Which Debian suite the containerd is from.</summary>
    public string Suite { get; }

    /// <summary>The OCI runtime that the tests use with it: runc or crun.</summary>
    public string Runtime { get; }

    public string Address => Daemon.Address;

    public string SocketPath => Daemon.Address["unix://".Length..];

    /// <summary>The name of the namespace that the tests work in, unique to this daemon.</summary>
    public string Namespace { get; } = Unique("test");

    /// <summary>Starts a daemon.</summary>
    public static async Task<PrivateDaemon> StartAsync(
        string suite = "bookworm",
        string runtime = "runc",
        Action<CtrDaemonOptions>? adjust = null
    )
    {
        var options = new CtrDaemonOptions { Name = Unique("test"), Timeout = TimeSpan.FromSeconds(60) };
        if (suite != "bookworm")
        {
            var folder = await DebianSuite.FolderAsync(suite);
            options.SearchPath = [Path.Combine(folder, "bin")];
        }

        // crun refuses a machine that has cgroup v1 controllers beside a v2 folder.
        if (runtime == "crun" && Directory.Exists("/sys/fs/cgroup/unified"))
        {
            options.ContainerdPath = Repository.Fixture("containerd-without-unified.sh");
        }

        adjust?.Invoke(options);
        return new PrivateDaemon(await CtrDaemons.StartAsync(options), suite, runtime);
    }

    /// <summary>Waits for a daemon that another process starts.</summary>
    public static async Task<PrivateDaemon> AdoptAsync(string name)
    {
        CtrDaemon? found = null;
        await Eventually.TrueAsync(() =>
            (found = CtrDaemons.Find().SingleOrDefault(daemon => daemon.Name == name))
                is { State: CtrDaemonState.Running, Version.Length: > 0 }
        );
        return new PrivateDaemon(found!, "bookworm", "runc");
    }

    /// <summary>A name that is unique on this machine.</summary>
    public static string Unique(string prefix) => $"{prefix}-{Guid.NewGuid().ToString("N")[..8]}";

    /// <summary>Runs containerd's own command line client, for facts that must not come from the code under test.</summary>
    public Task<string> CtrAsync(params string[] arguments) =>
        Shell.RunAsync("ctr", ["--address", SocketPath, "--namespace", Namespace, .. arguments]);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await CtrDaemons.StopAsync(Daemon.Name, force: true, removeData: true);
        }
        catch (CtrNotFoundException)
        {
            // The test has stopped it itself.
        }
    }
}

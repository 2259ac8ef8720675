using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Hosts;

/// <summary>The tests that share the virtual machine, one after the other.</summary>
[CollectionDefinition(VmFixture.Name)]
public sealed class VmFixtures : ICollectionFixture<VmFixture> { }

/// <summary>
/// A virtual machine with systemd and cgroup v2, and a user's sessions over SSH with its two daemons. All tests share one boot.
/// </summary>
public sealed class VmFixture : IAsyncLifetime
{
    public const string Name = "vm";

    private readonly Dictionary<string, Engine> _engines = [];
    private VirtualMachine? _machine;

    /// <summary>Why there is none; null if there is one.</summary>
    public string? Obstacle { get; private set; }

    public VirtualMachine Machine => _machine ?? throw new InvalidOperationException(Obstacle);

    public async ValueTask InitializeAsync()
    {
        Obstacle = await VirtualMachine.ObstacleAsync();
        if (Obstacle is null)
            _machine = await VirtualMachine.StartAsync();
    }

    /// <summary>A session with a daemon that has the busybox image.</summary>
    /// <param name="suite"><c>bookworm</c> for the distribution's containerd, <c>sid</c> for the later one.</param>
    public async Task<Engine> OpenAsync(string suite)
    {
        if (_engines.TryGetValue(suite, out var engine))
            return engine;
        if (suite != "bookworm")
            await Machine.StartLaterAsync();
        engine = new Engine();
        // A busy machine emulates slowly: no time limit may be that of a real one.
        engine.Require(
            $"$null = Connect-CtrSession {Machine.Parameters} -Address {(suite == "bookworm" ? VirtualMachine.Socket : VirtualMachine.LaterSocket)} -Namespace {Namespace(suite)} -Timeout 5m -OperationTimeout 5m"
        );
        engine.Require($"Import-CtrImage '{await TestImages.BusyboxTarAsync()}'");
        return _engines[suite] = engine;
    }

    /// <summary>Reboots the machine, and waits until the daemons with sessions serve again.</summary>
    public async Task RebootAsync()
    {
        await Machine.RebootAsync();
        if (_engines.ContainsKey("sid"))
            await Machine.StartLaterAsync();
    }

    /// <summary>The namespace of the tests in a daemon: the daemons share the folders of the runtime.</summary>
    public static string Namespace(string suite) => $"vm{suite}";

    public async ValueTask DisposeAsync()
    {
        foreach (var engine in _engines.Values)
            engine.Dispose();
        if (_machine is not null)
            await _machine.DisposeAsync();
    }
}

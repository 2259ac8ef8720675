using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Network;

/// <summary>A daemon in a network namespace of its own, so that its networks are not those of the machine.</summary>
public sealed class NetworkDaemon : IAsyncLifetime
{
    public PrivateDaemon Daemon { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var criu = await Criu.FolderAsync();
        Daemon = await PrivateDaemon.StartAsync(adjust: options =>
        {
            options.ContainerdPath = Repository.Fixture("containerd-in-own-network.sh");
            options.SearchPath = [criu];
        });
        using var engine = Open("default");
        engine.Require($"$null = Import-CtrImage '{await TestImages.BusyboxTarAsync()}'");
    }

    public ValueTask DisposeAsync() => Daemon.DisposeAsync();

    /// <summary>A shell with a session on the daemon.</summary>
    public Engine Open(string containerdNamespace)
    {
        var engine = new Engine();
        engine.Require($"$null = Connect-CtrSession {Daemon.Address} -Namespace {containerdNamespace}");
        return engine;
    }

    /// <summary>Runs a program of the machine in the network namespace of the daemon.</summary>
    public Task<string> RunAsync(params string[] command) =>
        Shell.RunAsync("nsenter", ["--target", $"{Daemon.Daemon.Pid}", "--net", "--", .. command]);
}

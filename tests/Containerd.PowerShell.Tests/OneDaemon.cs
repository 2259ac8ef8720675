using Containerd.Testing;

namespace Containerd.PowerShell.Tests;

/// <summary>A private daemon for the tests of a class.</summary>
public sealed class OneDaemon : IAsyncLifetime
{
    public PrivateDaemon Daemon { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Daemon = await PrivateDaemon.StartAsync();

    public ValueTask DisposeAsync() => Daemon.DisposeAsync();
}

using Containerd.Testing;

namespace Containerd.Client.Tests.Images;

/// <summary>A daemon for all tests of images; each test has a namespace of its own in it.</summary>
public class ImageScene : IAsyncLifetime
{
    public PrivateDaemon Daemon { get; private set; } = null!;

    public ContainerdClient Client { get; private set; } = null!;

    protected virtual string Suite => "bookworm";

    public async ValueTask InitializeAsync()
    {
        Daemon = await PrivateDaemon.StartAsync(Suite);
        Client = await ContainerdClient.ConnectAsync(new ConnectOptions { Address = Daemon.Address });
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Daemon.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>A new namespace.</summary>
    internal ImageSpace Space() => new(this, Client.In(PrivateDaemon.Unique("images")));
}

using Containerd.Testing;

namespace Containerd.Client.Tests.Images;

/// <summary>A daemon for all tests of images; each test has a namespace of its own in it.</summary>
public class ImageFixture : IAsyncLifetime
{
    private readonly List<string> _folders = [];

    public PrivateDaemon Daemon { get; private set; } = null!;

    public ContainerdClient Client { get; private set; } = null!;

    /// <summary>containerd's own client, of the daemon's version.</summary>
    public string Ctr { get; private set; } = "ctr";

    /// <summary>What has a later client import by itself, as we do, rather than have the daemon do it.</summary>
    internal string[] LocalImport => Suite == "bookworm" ? [] : ["--local"];

    protected virtual string Suite => "bookworm";

    public async ValueTask InitializeAsync()
    {
        Daemon = await PrivateDaemon.StartAsync(Suite);
        if (Suite != "bookworm")
            Ctr = Path.Combine(await DebianSuite.FolderAsync(Suite), "bin", "ctr");
        Client = await ContainerdClient.ConnectAsync(new ConnectOptions { Address = Daemon.Address });
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Daemon.DisposeAsync();
        foreach (var folder in _folders)
            Directory.Delete(folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>A folder that goes with the fixture.</summary>
    internal string NewFolder()
    {
        var folder = Directory.CreateTempSubdirectory("containerd-images-").FullName;
        lock (_folders)
            _folders.Add(folder);
        return folder;
    }

    /// <summary>A new namespace.</summary>
    internal ImageSpace Space() => new(this, Client.In(PrivateDaemon.Unique("images")));
}

public sealed class SidImageFixture : ImageFixture
{
    protected override string Suite => "sid";
}

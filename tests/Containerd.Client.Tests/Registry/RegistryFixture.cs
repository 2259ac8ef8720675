using Containerd.Client.Tests.Images;
using Containerd.Testing;

namespace Containerd.Client.Tests.Registry;

/// <summary>A daemon and a registry for all tests of a class; each test has its own namespace and repositories.</summary>
public class RegistryFixture : ImageFixture, IAsyncLifetime
{
    public TestRegistry Registry { get; private set; } = null!;

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        Registry = await TestRegistry.StartAsync();
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await Registry.DisposeAsync();
        await DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>The options for a later client: it pulls by itself, and without the manifests of other platforms.</summary>
    internal string[] LocalPull => Suite == "bookworm" ? [] : ["--local", "--skip-metadata"];

    internal string[] LocalPush => LocalImport;

    /// <summary>A repository that no other test has.</summary>
    public static string NewRepository() => "test/" + PrivateDaemon.Unique("r");

    /// <summary>Puts an image into the registry with skopeo.</summary>
    /// <returns>Repository and tag.</returns>
    internal async Task<string> PutAsync(ImageSpace space, LayoutBuilder layout, string? name = null, params string[] arguments)
    {
        name ??= NewRepository() + ":1";
        var file = space.File(Guid.NewGuid().ToString("N") + ".tar", layout.ToTar());
        await Registry.CopyInAsync("oci-archive:" + file, name, arguments);
        return name;
    }

    /// <summary>An image with one layer of random bytes, of about this size, which no other test has.</summary>
    internal static LayoutBuilder Large(int bytes, int layers = 1)
    {
        var builder = new LayoutBuilder();
        var tars = Enumerable
            .Range(0, layers)
            .Select(i =>
            {
                var noise = new byte[bytes];
                Random.Shared.NextBytes(noise);
                return (LayoutBuilder.LayerTar($"noise{i}", noise), "");
            });
        return builder.Top("large", builder.Image(LayoutBuilder.HostPlatform, [.. tars]));
    }
}

public sealed class SidRegistryFixture : RegistryFixture
{
    protected override string Suite => "sid";
}

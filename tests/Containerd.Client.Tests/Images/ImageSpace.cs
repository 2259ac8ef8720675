using Containerd.Oci;
using Containerd.Testing;

namespace Containerd.Client.Tests.Images;

/// <summary>A namespace in which a test works, seen by the code under test and by containerd's own client.</summary>
internal sealed class ImageSpace(ImageFixture fixture, NamespaceClient ns)
{
    private readonly string _folder = fixture.NewFolder();

    public NamespaceClient Namespace => ns;

    public string File(string name) => Path.Combine(_folder, name);

    public string File(string name, byte[] data)
    {
        System.IO.File.WriteAllBytes(File(name), data);
        return File(name);
    }

    public Task<IReadOnlyList<CtrImage>> ImportAsync(
        string path,
        ImageImportOptions? options = null,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    ) => ns.Images.ImportAsync(path, options ?? new ImageImportOptions(), progress, cancellationToken);

    public Task<IReadOnlyList<CtrImage>> ImportAsync(LayoutBuilder layout, ImageImportOptions? options = null) =>
        ImportAsync(File("layout.tar", layout.ToTar()), options);

    public Task<string> CtrAsync(params string[] arguments) =>
        Shell.RunAsync(fixture.Ctr, ["--address", fixture.Daemon.SocketPath, "--namespace", ns.Namespace, .. arguments]);

    /// <summary>Has the garbage collector run to its end.</summary>
    public async Task CollectAsync()
    {
        await CtrAsync("leases", "create", "--id", "collect");
        await CtrAsync("leases", "delete", "--sync", "collect");
    }

    /// <summary>Names and digests of the images.</summary>
    public async Task<List<string>> ImagesAsync() =>
        [
            .. Lines(await CtrAsync("images", "list"))
                .Skip(1)
                .Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(3))),
        ];

    /// <summary>Digest and labels of each blob.</summary>
    /// <param name="sources">Whether the labels that say which registry a blob came from count too.</param>
    public async Task<List<string>> ContentAsync(bool sources = false) =>
        [
            .. Lines(await CtrAsync("content", "list"))
                .Skip(1)
                .Select(l => l.Split('\t', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                .Select(c =>
                    $"{c[0]} {string.Join(',', c[^1].Split(',').Where(x => sources || !x.StartsWith("containerd.io/distribution.source", StringComparison.Ordinal)).Order(StringComparer.Ordinal))}"
                )
                .Order(StringComparer.Ordinal),
        ];

    public async Task<List<string>> SnapshotsAsync(string snapshotter = "overlayfs") =>
        [
            .. Lines(await CtrAsync("snapshots", "--snapshotter", snapshotter, "list"))
                .Skip(1)
                .Select(l => string.Join(' ', l.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Nothing may be left of an import: no name, no lease, no ingest, no blob, no snapshot.</summary>
    public async Task AssertEmptyAsync()
    {
        Assert.Empty(Lines(await CtrAsync("leases", "list")).Skip(1));
        Assert.Empty(Lines(await CtrAsync("content", "active")).Skip(1));
        Assert.Empty(await ImagesAsync());
        Assert.Empty(await SnapshotsAsync());
        Assert.Empty(await ContentAsync());
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

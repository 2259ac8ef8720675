using System.Text.Json.Nodes;
using Containerd.Client.Tests.Images;
using Containerd.Oci;
using Containerd.Testing;

namespace Containerd.Client.Tests.Registry;

/// <summary>Images are read from a real registry, and pulled into layouts that other tools read, without any daemon.</summary>
public sealed class RegistryClientTests : IAsyncLifetime
{
    private static readonly string[] Platforms = ["linux/amd64", "linux/arm64", "linux/arm/v7"];

    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-layout-").FullName;
    private readonly RegistryClient _client = new(new RegistryOptions { RetryDelay = TimeSpan.FromMilliseconds(1) });
    private TestRegistry _registry = null!;

    private string Layout => Path.Combine(_folder, "layout");

    public async ValueTask InitializeAsync() => _registry = await TestRegistry.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _registry.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_layout_has_the_platform_of_this_process_and_is_what_skopeo_reads()
    {
        await using var proxy = new RegistryProxy(_registry.Port);
        var name = $"{proxy.Host}/{await PutIndexAsync("test/a:1")}";
        var reports = new Reports();
        var image = await _client.PullAsync(name, Layout, null, reports);

        var resolved = await _client.ResolveAsync(name);
        Assert.Equal(LayoutBuilder.HostPlatform, resolved.Platform);
        Assert.Equal((name, resolved.Digest), (image.Name, image.Digest));
        Assert.Equal([resolved.ManifestDigest], image.Manifests);
        Assert.Equal(["A=1"], resolved.Config.Env);
        Assert.Equal(resolved.ManifestDigest, LayoutBuilder.Digest(await SkopeoRawAsync("1")));
        Assert.Equal(3, Blobs().Length);
        Assert.Equal(image.Size, Blobs().Sum(file => new FileInfo(file).Length));
        // skopeo compares all digests as it copies.
        await Shell.RunAsync("skopeo", "--insecure-policy", "copy", $"oci:{Layout}:1", $"dir:{_folder}/copy");
        Assert.Contains(reports.All, report => report.Stage == ImageProgressStage.Downloading && report.Done == report.Total);

        // Existing blobs are not downloaded again, and listed once.
        var before = proxy.Requests.Count(request => request.IsBlob);
        Assert.Equal(image.Manifests, (await _client.PullAsync(name, Layout)).Manifests);
        Assert.Equal(before, proxy.Requests.Count(request => request.IsBlob));
        Assert.Single(Listed());
    }

    [Fact]
    public async Task All_platforms_are_the_image_as_the_registry_has_it()
    {
        var name = $"{_registry.Host}/{await PutIndexAsync("test/a:1")}";
        var manifest = await _client.GetManifestAsync(name);
        Assert.Equal(Platforms, manifest.Platforms);
        Assert.Equal(manifest.Digest, LayoutBuilder.Digest(manifest.Content.Span));

        var image = await _client.PullAsync(name, Layout, new ImageLayoutOptions { AllPlatforms = true });
        Assert.Equal(manifest.Digest, image.Digest);
        Assert.Equal([manifest.Digest], image.Manifests);
        await Shell.RunAsync("skopeo", "--insecure-policy", "copy", "--all", $"oci:{Layout}:1", $"dir:{_folder}/copy");
        Assert.Equal(manifest.Content.ToArray(), await File.ReadAllBytesAsync(Path.Combine(_folder, "copy", "manifest.json")));
    }

    [Fact]
    public async Task A_layout_takes_several_images_and_replaces_one_of_the_same_name()
    {
        var index = $"{_registry.Host}/{await PutIndexAsync("test/a:1")}";
        var small = $"{_registry.Host}/{await PutAsync(LayoutBuilder.Small("b", "one"), "test/b:2")}";
        await Task.WhenAll(
            _client.PullAsync(index, Layout, new ImageLayoutOptions { Platforms = ["linux/arm64", "arm"] }),
            _client.PullAsync(small, Layout)
        );
        Assert.Equal([index, index, small], Listed().Select(entry => Annotation(entry, "io.containerd.image.name")).Order());
        Assert.Equal(
            ["arm", "arm64"],
            Listed().Select(entry => entry["platform"]?["architecture"]?.ToString()).OfType<string>().Order().Where(a => a != "amd64")
        );
        await PutAsync(LayoutBuilder.Small("b", "two"), "test/b:2");
        var second = await _client.PullAsync(small, Layout);
        Assert.Equal(
            second.Manifests,
            Listed().Where(e => Annotation(e, "io.containerd.image.name") == small).Select(e => $"{e["digest"]}")
        );
        Assert.Equal(3, Listed().Length);
        // A name by digest has no tag.
        var pinned = await _client.PullAsync($"{_registry.Host}/test/b@{second.Digest}", Layout);
        Assert.Equal(second.Digest, pinned.Digest);
        Assert.Equal(4, Listed().Length);
        Assert.Null(Annotation(Listed()[^1], "org.opencontainers.image.ref.name"));
    }

    [Fact]
    public async Task A_damaged_blob_of_the_layout_is_downloaded_again()
    {
        var name = $"{_registry.Host}/{await PutIndexAsync("test/a:1")}";
        await _client.PullAsync(name, Layout);
        foreach (var blob in Blobs())
        {
            var bytes = await File.ReadAllBytesAsync(blob);
            bytes[^1] ^= 1;
            await File.WriteAllBytesAsync(blob, bytes);
        }

        await _client.PullAsync(name, Layout);
        foreach (var blob in Blobs())
            Assert.Equal("sha256:" + Path.GetFileName(blob), LayoutBuilder.Digest(await File.ReadAllBytesAsync(blob)));
    }

    [Fact]
    public async Task Content_that_is_not_what_its_digest_says_is_not_stored()
    {
        var name = $"{_registry.Host}/{await PutAsync(LayoutBuilder.Small("a", "one"), "test/a:1")}";
        var manifest = JsonNode.Parse((await _client.GetManifestAsync(name)).Content.Span)!;
        var layer = manifest["layers"]![0]!["digest"]!.ToString();
        var file = _registry.BlobFile(layer);
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);

        var error = await Assert.ThrowsAsync<CtrDataException>(() => _client.PullAsync(name, Layout));
        Assert.Equal(ErrorIds.DigestMismatch, error.ErrorId);
        Assert.False(File.Exists(Path.Combine(Layout, "index.json")));
        Assert.DoesNotContain(Directory.GetFiles(Layout, "*", SearchOption.AllDirectories), path =>
            path.Contains(layer[7..], StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task What_cannot_be_pulled_is_one_error_and_leaves_no_folder()
    {
        var index = $"{_registry.Host}/{await PutIndexAsync("test/a:1")}";
        var small = $"{_registry.Host}/{await PutAsync(LayoutBuilder.Small("b", "one"), "test/b:1")}";
        foreach (var name in new[] { index, small })
        {
            var wrong = new ImageLayoutOptions { Platforms = ["linux/s390x"] };
            var missing = await Assert.ThrowsAsync<CtrNotFoundException>(() => _client.PullAsync(name, Layout, wrong));
            Assert.Equal(ErrorIds.PlatformNotAvailable, missing.ErrorId);
            Assert.Contains(LayoutBuilder.HostPlatform, missing.Message, StringComparison.Ordinal);
        }

        Assert.Equal(
            ErrorIds.ImageNotFoundInRegistry,
            (await Assert.ThrowsAsync<CtrNotFoundException>(() => _client.PullAsync(index + "0", Layout))).ErrorId
        );
        Assert.Equal(
            ErrorIds.InvalidImageName,
            (await Assert.ThrowsAsync<CtrArgumentException>(() => _client.PullAsync("A", Layout))).ErrorId
        );
        Assert.False(Directory.Exists(Layout));

        await File.WriteAllTextAsync(Path.Combine(_folder, "mine"), "");
        var error = await Assert.ThrowsAsync<CtrConflictException>(() => _client.PullAsync(index, _folder));
        Assert.Equal((ErrorIds.LayoutInvalid, _folder), (error.ErrorId, error.Subject));
        Assert.Equal([Path.Combine(_folder, "mine")], Directory.GetFiles(_folder, "mine*"));
    }

    private static string? Annotation(JsonNode entry, string name) => entry["annotations"]?[name]?.ToString();

    private string[] Blobs() => Directory.GetFiles(Path.Combine(Layout, "blobs", "sha256"));

    private JsonNode[] Listed() =>
        [.. JsonNode.Parse(File.ReadAllBytes(Path.Combine(Layout, "index.json")))!["manifests"]!.AsArray().Select(entry => entry!)];

    private async Task<byte[]> SkopeoRawAsync(string tag) =>
        System.Text.Encoding.UTF8.GetBytes(await Shell.RunAsync("skopeo", "inspect", "--raw", $"oci:{Layout}:{tag}"));

    private async Task<string> PutIndexAsync(string name)
    {
        var builder = new LayoutBuilder();
        var images = Platforms.Select(p => builder.Image(p, (LayoutBuilder.LayerTar(p, "content"u8.ToArray()), "gzip"))).ToArray();
        return await PutAsync(builder.Top("index", builder.IndexOf(images)), name, "--all");
    }

    private async Task<string> PutAsync(LayoutBuilder layout, string name, params string[] arguments)
    {
        var file = Path.Combine(_folder, Guid.NewGuid().ToString("N") + ".tar");
        await File.WriteAllBytesAsync(file, layout.ToTar());
        await _registry.CopyInAsync("oci-archive:" + file, name, arguments);
        File.Delete(file);
        return name;
    }

    private sealed class Reports : IProgress<ImageProgress>
    {
        private readonly List<ImageProgress> _all = [];

        internal IReadOnlyList<ImageProgress> All
        {
            get
            {
                lock (_all)
                    return [.. _all];
            }
        }

        public void Report(ImageProgress value)
        {
            lock (_all)
                _all.Add(value);
        }
    }
}

using System.Text;
using System.Text.Json.Nodes;
using Containerd.Oci;
using Containerd.Testing;

namespace Containerd.Client.Tests.Images;

/// <summary>Archives of every shape, and what can be done with their images.</summary>
public abstract class ImageStoreTests(ImageFixture fixture)
{
    private static readonly byte[] LayerA = LayoutBuilder.LayerTar("a", "hello"u8.ToArray());
    private static readonly byte[] LayerB = LayoutBuilder.LayerTar("b", "world"u8.ToArray());

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_write_with_a_name_in_use_does_not_affect_the_other_one()
    {
        var space = fixture.Space();
        var content = space.Namespace.Content;
        var data = System.Text.Encoding.UTF8.GetBytes(Guid.NewGuid().ToString());
        using (var first = await content.Writer.OpenAsync("taken", data.Length, null, null, Cancellation))
        {
            await first!.WriteAsync(data.AsMemory(0, 10), Cancellation);
            using var other = new MemoryStream(data);
            var error = await Assert.ThrowsAsync<CtrConflictException>(() =>
                content.ImportAsync("taken", other, data.Length, null, cancellationToken: Cancellation)
            );
            Assert.Equal(ErrorIds.ContentLocked, error.ErrorId);
            await first.WriteAsync(data.AsMemory(10), Cancellation);
            Assert.True(await first.CommitAsync(LayoutBuilder.Digest(data), null, Cancellation));
        }

        Assert.Empty(await content.ListIngestsAsync(StoreFilter.All, Cancellation));
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public async Task The_archive_itself_may_be_compressed(string compression)
    {
        var space = fixture.Space();
        var tar = LayoutBuilder.Small("docker.io/library/packed:1").ToTar();
        var image = Assert.Single(
            await space.ImportAsync(space.File("packed", compression == "gzip" ? LayoutBuilder.Gzip(tar) : LayoutBuilder.Zstd(tar)))
        );
        Assert.Equal("docker.io/library/packed:1", image.Name);
        Assert.Equal(3, (await space.SnapshotsAsync()).Count);
    }

    [Fact]
    public async Task Old_Docker_archives_share_layers_by_links()
    {
        var builder = new LayoutBuilder();
        builder.Files.Clear();
        var (one, two) = (new string('1', 64), new string('2', 64));
        builder.Links.Add((two + "/layer.tar", $"../{one}/layer.tar"));
        var config = Encoding.UTF8.GetBytes(
            $$$"""{"architecture":"{{{LayoutBuilder.HostPlatform.Split('/')[1]}}}","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["{{{LayoutBuilder.Digest(LayerA)}}}","{{{LayoutBuilder.Digest(LayerA)}}}"]}}"""
        );
        var configName = LayoutBuilder.Digest(config)[7..] + ".json";
        builder.Files.Add((one + "/VERSION", "1.0"u8.ToArray()));
        builder.Files.Add((one + "/json", "{}"u8.ToArray()));
        builder.Files.Add((one + "/layer.tar", LayerA));
        builder.Files.Add((two + "/json", "{}"u8.ToArray()));
        builder.Files.Add((configName, config));
        builder.Files.Add(("repositories", "{}"u8.ToArray()));
        builder.Files.Add(
            (
                "manifest.json",
                Encoding.UTF8.GetBytes(
                    new JsonArray(
                        new JsonObject
                        {
                            ["Config"] = configName,
                            ["RepoTags"] = new JsonArray("old:1", "example.com/old:2"),
                            ["Layers"] = new JsonArray(one + "/layer.tar", two + "/layer.tar"),
                        }
                    ).ToJsonString()
                )
            )
        );
        var (ours, theirs) = (fixture.Space(), fixture.Space());
        var archive = ours.File("old.tar", builder.ToTar());

        var images = await ours.ImportAsync(archive);
        await theirs.CtrAsync("images", "import", archive);
        await theirs.CollectAsync();

        Assert.Equal(["docker.io/library/old:1", "example.com/old:2"], images.Select(i => i.Name));
        Assert.Equal(await theirs.ImagesAsync(), await ours.ImagesAsync());
        Assert.Equal(await theirs.ContentAsync(), await ours.ContentAsync());
        Assert.Equal(await theirs.SnapshotsAsync(), await ours.SnapshotsAsync());
    }

    [Fact]
    public async Task The_layout_takes_precedence_if_an_archive_has_both_formats()
    {
        var builder = LayoutBuilder.Small("docker.io/library/both:1");
        builder.Files.Add(("manifest.json", """[{"Config":"none","RepoTags":["other:1"],"Layers":[]}]"""u8.ToArray()));
        builder.Files.Add(("repositories", "{}"u8.ToArray()));
        Assert.Equal("docker.io/library/both:1", Assert.Single(await fixture.Space().ImportAsync(builder)).Name);
    }

    [Fact]
    public async Task Names_are_assigned_if_the_archive_has_none()
    {
        var space = fixture.Space();
        async Task<string> Import(string? inArchive, string? given, int count = 1)
        {
            var builder = new LayoutBuilder();
            var targets = Enumerable
                .Range(0, count)
                .Select(i => builder.Image(LayoutBuilder.HostPlatform, (i == 0 ? LayerA : LayerB, "gzip")))
                .ToArray();
            return string.Join(
                ' ',
                (await space.ImportAsync(builder.Top(inArchive, targets), new ImageImportOptions { Name = given })).Select(i =>
                    i.Name[..Math.Min(i.Name.Length, 40)]
                )
            );
        }

        Assert.Equal("docker.io/library/mine:latest", await Import(null, "mine"));
        Assert.Equal("docker.io/library/mine:3", await Import(null, "mine:3"));
        Assert.Equal("docker.io/library/mine:v1", await Import("v1", "mine"));
        Assert.Equal("docker.io/library/mine:4", await Import("v1", "mine:4"));
        Assert.Equal("docker.io/library/mine:latest", await Import("example.com/theirs:1", "mine"));
        Assert.Matches("^docker.io/library/mine@sha256:[0-9a-f]+ docker.io/library/mine@sha256:[0-9a-f]+$", await Import(null, "mine", 2));
        Assert.Matches(@"^import-\d{4}-\d\d-\d\d:v1$", await Import("v1", null));
    }

    [Fact]
    public async Task An_import_works_in_containerds_own_client()
    {
        var space = fixture.Space();
        await space.ImportAsync(await TestImages.BusyboxTarAsync());
        var output = await space.CtrAsync("run", "--rm", TestImages.Busybox, PrivateDaemon.Unique("run"), "echo", "it runs");
        Assert.Equal("it runs\n", output);
        await space.Namespace.Images.RemoveAsync("busybox:test", force: false, synchronous: true, Cancellation);
        await space.AssertEmptyAsync();
    }

    [Fact]
    public async Task Importing_again_changes_nothing()
    {
        var space = fixture.Space();
        var layout = LayoutBuilder.Small("docker.io/library/again:1");
        var first = Assert.Single(await space.ImportAsync(layout));
        var (content, snapshots) = (await space.ContentAsync(), await space.SnapshotsAsync());
        var second = Assert.Single(
            await space.ImportAsync(layout, new ImageImportOptions { Labels = new Dictionary<string, string> { ["purpose"] = "test" } })
        );
        Assert.Equal(first.Digest, second.Digest);
        Assert.Equal(first.CreatedAt, second.CreatedAt);
        Assert.Equal("test", second.Labels["purpose"]);
        Assert.Equal(content, await space.ContentAsync());
        Assert.Equal(snapshots, await space.SnapshotsAsync());
    }

    [Fact]
    public async Task Several_imports_of_the_same_image_at_once_all_succeed()
    {
        var space = fixture.Space();
        var archive = space.File("one.tar", LayoutBuilder.Small("docker.io/library/atonce:1").ToTar());
        var images = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => space.ImportAsync(archive)));
        Assert.Single(images.SelectMany(i => i).Select(i => i.Digest).Distinct());
        Assert.Equal(3, (await space.SnapshotsAsync()).Count);
        await space.Namespace.Images.RemoveAsync("atonce:1", force: false, synchronous: true, Cancellation);
        await space.AssertEmptyAsync();
    }

    [Fact]
    public async Task A_cancelled_import_leaves_nothing()
    {
        var space = fixture.Space();
        var noise = new byte[24 << 20];
        new Random(7).NextBytes(noise);
        var builder = new LayoutBuilder();
        builder.Top(
            "docker.io/library/big:1",
            builder.Image(LayoutBuilder.HostPlatform, (LayoutBuilder.LayerTar("noise", noise), ""), (LayerA, "gzip"))
        );
        var archive = space.File("big.tar", builder.ToTar());
        for (var at = 0; at < 30; at += 3)
        {
            using var stop = new CancellationTokenSource();
            var seen = 0;
            var progress = new Inline(_ =>
            {
                if (++seen > at)
                    stop.Cancel();
            });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => space.ImportAsync(archive, null, progress, stop.Token));
            await space.AssertEmptyAsync();
        }

        Assert.Single(await space.ImportAsync(archive));
    }

    [Fact]
    public async Task A_snapshotter_that_the_daemon_does_not_have_is_an_error_and_leaves_nothing()
    {
        var space = fixture.Space();
        var error = await Assert.ThrowsAnyAsync<CtrException>(() =>
            space.ImportAsync(LayoutBuilder.Small("docker.io/library/s:1"), new ImageImportOptions { Snapshotter = "nothing" })
        );
        Assert.Contains("nothing", error.Message, StringComparison.Ordinal);
        await space.AssertEmptyAsync();
    }

    [Fact]
    public async Task Progress_covers_the_first_byte_to_the_last_layer()
    {
        var space = fixture.Space();
        var seen = new List<ImageProgress>();
        var tar = LayoutBuilder.Small("docker.io/library/progress:1").ToTar();
        await space.ImportAsync(space.File("p.tar", tar), null, new Inline(seen.Add));
        var reading = seen.Where(p => p.Stage == ImageProgressStage.Reading).ToList();
        Assert.All(reading, p => Assert.Equal(tar.Length, p.Total));
        Assert.Equal(reading.Select(p => p.Done).Order(), reading.Select(p => p.Done));
        Assert.Equal([0, 1, 2, 3], seen.Where(p => p.Stage == ImageProgressStage.Unpacking).Select(p => p.Done));
    }

    [Fact]
    public async Task Images_are_found_by_full_and_short_names()
    {
        var space = fixture.Space();
        await space.ImportAsync(LayoutBuilder.Small("docker.io/library/find:latest"));
        await space.ImportAsync(LayoutBuilder.Small("example.com:5000/find:2", "other"));
        var images = space.Namespace.Images;
        Assert.Equal("docker.io/library/find:latest", (await images.GetAsync("find", Cancellation)).Name);
        Assert.Equal("docker.io/library/find:latest", (await images.GetAsync("docker.io/library/find:latest", Cancellation)).Name);
        Assert.Equal("example.com:5000/find:2", (await images.GetAsync("example.com:5000/find:2", Cancellation)).Name);
        foreach (var name in new[] { "find:1", "Find", "no name at all" })
        {
            var error = await Assert.ThrowsAsync<CtrNotFoundException>(() => images.GetAsync(name, Cancellation));
            Assert.Equal(ErrorIds.ImageNotFound, error.ErrorId);
            Assert.Contains("Pull or import", error.Remedy, StringComparison.Ordinal);
        }

        var listed = await images.ListAsync(StoreFilter.All, cancellationToken: Cancellation);
        Assert.Equal(["docker.io/library/find:latest", "example.com:5000/find:2"], listed.Select(i => i.Name));
        Assert.All(listed, i => Assert.Equal((space.Namespace.Namespace, fixture.Client.Session), (i.Namespace, i.Session)));
        Assert.All(listed, i => Assert.True(i.Size > 0 && (DateTime.Now - i.CreatedAt).Duration() < TimeSpan.FromMinutes(5)));
        var sizes = await space.CtrAsync("images", "list");
        Assert.Contains($"{listed[0].Size / 1024.0:0.0} KiB", sizes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_without_its_content_can_be_listed_and_removed()
    {
        var space = fixture.Space();
        var image = Assert.Single(await space.ImportAsync(LayoutBuilder.Small("docker.io/library/gone:1")));
        await space.CtrAsync("content", "delete", image.Digest);
        var listed = Assert.Single(await space.Namespace.Images.ListAsync(StoreFilter.All, cancellationToken: Cancellation));
        Assert.Equal(((long?)null, 0), (listed.Size, listed.Platforms.Length));
        Assert.Equal(
            ErrorIds.ImageIncomplete,
            (await Assert.ThrowsAsync<CtrDataException>(() => space.Namespace.Images.ResolveAsync("gone:1", null, Cancellation))).ErrorId
        );
        await space.Namespace.Images.RemoveAsync("gone:1", force: false, synchronous: true, Cancellation);
        await space.AssertEmptyAsync();
    }

    private sealed class Inline(Action<ImageProgress> report) : IProgress<ImageProgress>
    {
        public void Report(ImageProgress value) => report(value);
    }
}

public sealed class BookwormImageStoreTests(ImageFixture fixture) : ImageStoreTests(fixture), IClassFixture<ImageFixture>;

public sealed class SidImageStoreTests(SidImageFixture fixture) : ImageStoreTests(fixture), IClassFixture<SidImageFixture>;

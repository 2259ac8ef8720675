using System.Text;
using System.Text.Json.Nodes;
using Containerd.Client.Tests.Registry;
using Containerd.Oci.Images;

namespace Containerd.Client.Tests.Images;

/// <summary>
/// What other tools keep in registries and archives beside the layers of containers: artifacts, further content of a manifest, several
/// manifests of one name.
/// </summary>
public sealed class ImageArtifactTests(RegistryFixture fixture) : IClassFixture<RegistryFixture>
{
    private const string Empty = "application/vnd.oci.empty.v1+json";
    private const string Model = "application/vnd.example.model.v1";

    private static readonly string[] Platforms = ["linux/arm64", "linux/amd64", "linux/arm/v7"];

    [Theory]
    [InlineData("chart", "application/vnd.cncf.helm.config.v1+json")]
    [InlineData("typed", Model)]
    [InlineData("empty layer", Model)]
    [InlineData("index", "application/vnd.example.set")]
    [InlineData("old config", "application/octet-stream")]
    public async Task An_artifact_is_stored_and_transferred_unchanged_and_cannot_be_run(string kind, string type)
    {
        var (ours, theirs, third) = (fixture.Space(), fixture.Space(), fixture.Space());
        var layout = Artifact(kind, "example.com/artifact:1");
        var image = Assert.Single(await ours.ImportAsync(layout));
        Assert.Equal((type, 0), (image.ArtifactType, image.Platforms.Length));
        Assert.True(image.Size > 0);
        Assert.Equal(type, Assert.Single(await ours.Namespace.Images.ListAsync(StoreFilter.All, null, Stop)).ArtifactType);
        await theirs.CtrAsync("images", "import", "--no-unpack", ours.File("layout.tar"));
        await theirs.CollectAsync();
        Assert.Equal(await theirs.ImagesAsync(), await ours.ImagesAsync());
        Assert.Equal(await theirs.ContentAsync(), await ours.ContentAsync());
        Assert.Empty(await ours.SnapshotsAsync());

        var refused = await Assert.ThrowsAsync<CtrNotSupportedException>(() => ours.Namespace.Images.ResolveAsync(image.Name, null, Stop));
        Assert.Equal(ErrorIds.ImageNotRunnable, refused.ErrorId);
        Assert.Contains($"not a container image: it is an artifact of the type '{type}'", refused.Message, StringComparison.Ordinal);
        Assert.True((await ours.Namespace.Images.TestAsync(image.Name, new ImageTestOptions(), null, Stop)).Passed);
        Assert.NotEmpty((await ours.Namespace.Images.DetailAsync(image, null, Stop)).Layers);

        await ours.Namespace.Images.ExportAsync([image.Name], ours.File("out.tar"), new ImageExportOptions(), null, Stop);
        Assert.Equal(image.Digest, Assert.Single(await third.ImportAsync(ours.File("out.tar"))).Digest);
        Assert.Equal(await ours.ContentAsync(), await third.ContentAsync());

        var name = $"{fixture.Registry.Host}/{RegistryFixture.NewRepository()}:1";
        var pushed = await ours.Namespace.Images.PushAsync(
            image.Name,
            new ImagePushOptions { Destination = name, Registry = Pulls.Quick },
            null,
            Stop
        );
        Assert.Equal(image.Digest, pushed.Digest);
        Assert.Equal(
            image.Digest,
            LayoutBuilder.Digest(Encoding.UTF8.GetBytes(await fixture.Registry.InspectAsync(name[(fixture.Registry.Host.Length + 1)..])))
        );
        foreach (
            var options in new ImagePullOptions[]
            {
                new(),
                new() { Unpack = false },
                new() { Platforms = ["linux/arm64"] },
                new() { AllPlatforms = true },
            }
        )
        {
            var fresh = fixture.Space();
            var pulled = await fresh.PullAsync(name, options: options);
            Assert.Equal((image.Digest, type), (pulled.Digest, pulled.ArtifactType));
            await fresh.AssertFinishedAsync();
            await fresh.CollectAsync();
            Assert.Equal(await ContentAsync(ours), await ContentAsync(fresh));
        }
    }

    [Fact]
    public async Task Content_in_addition_to_the_layers_is_kept_and_not_unpacked()
    {
        var space = fixture.Space();
        var builder = new LayoutBuilder();
        var (first, second) = (LayoutBuilder.LayerTar("a", "one"u8.ToArray()), LayoutBuilder.LayerTar("b", "two"u8.ToArray()));
        var config = builder.Blob(
            LayoutBuilder.Config,
            new JsonObject
            {
                ["architecture"] = ImagePlatform.Host.Architecture,
                ["os"] = "linux",
                ["config"] = new JsonObject { ["Cmd"] = new JsonArray("sh") },
                ["rootfs"] = new JsonObject
                {
                    ["type"] = "layers",
                    ["diff_ids"] = new JsonArray(LayoutBuilder.Digest(first), LayoutBuilder.Digest(second)),
                },
                ["history"] = new JsonArray(new JsonObject { ["created_by"] = "one" }, new JsonObject { ["created_by"] = "two" }),
            }
        );
        // Between the layers too: the place of one says nothing.
        var layers = new JsonArray(
            builder.Blob(Model, "weights"u8.ToArray()),
            builder.Blob(LayoutBuilder.Layer, first),
            builder.Blob("text/plain", "read me"u8.ToArray()),
            builder.Blob(LayoutBuilder.Layer + "+gzip", LayoutBuilder.Gzip(second))
        );
        var manifest = builder.Blob(
            LayoutBuilder.Manifest,
            new JsonObject
            {
                ["schemaVersion"] = 2,
                ["mediaType"] = LayoutBuilder.Manifest,
                ["config"] = config,
                ["layers"] = layers,
            }
        );
        var image = Assert.Single(await space.ImportAsync(builder.Top("example.com/mixed:1", manifest)));
        Assert.Equal("", image.ArtifactType);
        Assert.Equal(2, (await space.SnapshotsAsync()).Count);
        var detailed = await space.Namespace.Images.DetailAsync(image, null, Stop);
        Assert.Equal(["", LayoutBuilder.Digest(first), "", LayoutBuilder.Digest(second)], detailed.Layers.Select(l => l.DiffId));
        Assert.Equal([layers[1]!["digest"]!.ToString(), layers[3]!["digest"]!.ToString()], detailed.History.Select(h => h.Layer));
        var test = await space.Namespace.Images.TestAsync(image.Name, new ImageTestOptions(), null, Stop);
        Assert.Equal((true, true), (test.Passed, test.IsUnpacked));

        foreach (var format in new[] { CtrImageArchiveFormat.Oci, CtrImageArchiveFormat.Docker })
        {
            var copy = fixture.Space();
            await space.Namespace.Images.ExportAsync(
                [image.Name],
                space.File("out.tar"),
                new ImageExportOptions { Format = format },
                null,
                Stop
            );
            var imported = Assert.Single(await copy.ImportAsync(space.File("out.tar")));
            if (format == CtrImageArchiveFormat.Oci)
                Assert.Equal(image.Digest, imported.Digest);
            Assert.Equal(await space.SnapshotsAsync(), await copy.SnapshotsAsync());
            await copy.AssertWholeAsync();
        }

        var name = $"{fixture.Registry.Host}/{RegistryFixture.NewRepository()}:1";
        await space.Namespace.Images.PushAsync(image.Name, new ImagePushOptions { Destination = name, Registry = Pulls.Quick }, null, Stop);
        var fresh = fixture.Space();
        Assert.Equal(image.Digest, (await fresh.PullAsync(name)).Digest);
        await fresh.AssertWholeAsync();
        Assert.Equal(2, (await fresh.SnapshotsAsync()).Count);
    }

    [Fact]
    public async Task Platforms_that_an_archive_lists_flat_under_one_name_are_one_image()
    {
        var (space, other) = (fixture.Space(), fixture.Space());
        var builder = new LayoutBuilder();
        JsonObject[] manifests =
        [
            .. Platforms.Select(p => builder.Image(p, (LayoutBuilder.LayerTar("p", Encoding.UTF8.GetBytes(p)), "gzip"))),
        ];
        // One says its platform in its config alone.
        manifests[2].Remove("platform");
        builder.Top("example.com/flat:1", manifests);
        var image = Assert.Single(await space.ImportAsync(builder, new ImageImportOptions { AllPlatforms = true }));
        Assert.Equal(("example.com/flat:1", LayoutBuilder.Index), (image.Name, image.MediaType));
        Assert.Equal(["linux/arm64", "linux/amd64", "linux/arm/v7"], image.Platforms);
        await space.AssertWholeAsync();
        Assert.Equal(3, (await space.SnapshotsAsync()).Count);
        foreach (var platform in image.Platforms)
            Assert.Equal(platform, (await space.Namespace.Images.ResolveAsync(image.Name, platform, Stop)).Platform);

        // Every import results in the same image, and so does its export.
        Assert.Equal(
            image.Digest,
            Assert.Single(await other.ImportAsync(space.File("layout.tar"), new ImageImportOptions { Name = "example.com/other" })).Digest
        );
        await space.Namespace.Images.ExportAsync(
            [image.Name],
            space.File("out.tar"),
            new ImageExportOptions { AllPlatforms = true },
            null,
            Stop
        );
        Assert.Equal(image.Digest, Assert.Single(await fixture.Space().ImportAsync(space.File("out.tar"))).Digest);
        var name = $"{fixture.Registry.Host}/{RegistryFixture.NewRepository()}:1";
        Assert.Equal(
            image.Digest,
            (
                await space.Namespace.Images.PushAsync(
                    image.Name,
                    new ImagePushOptions
                    {
                        Destination = name,
                        Registry = Pulls.Quick,
                        AllPlatforms = true,
                    },
                    null,
                    Stop
                )
            ).Digest
        );
        Assert.Equal(image.Digest, (await fixture.Space().PullAsync(name)).Digest);
    }

    [Fact]
    public async Task The_last_of_two_images_with_one_name_and_platform_is_used()
    {
        var ours = fixture.Space();
        var builder = new LayoutBuilder();
        var (first, second) = (Image("one"), Image("two"));
        builder.Top("example.com/twice:1", first, second, (JsonObject)second.DeepClone());
        var image = Assert.Single(await ours.ImportAsync(builder));
        Assert.Equal(second["digest"]!.ToString(), image.Digest);
        await ours.AssertWholeAsync();

        JsonObject Image(string text) =>
            builder.Image(LayoutBuilder.HostPlatform, (LayoutBuilder.LayerTar("x", Encoding.UTF8.GetBytes(text)), ""));
    }

    [Fact]
    public async Task Other_content_than_images_in_an_archive_is_omitted_with_a_warning()
    {
        var space = fixture.Space();
        var builder = new LayoutBuilder();
        var image = builder.Image(LayoutBuilder.HostPlatform, (LayoutBuilder.LayerTar("x", "x"u8.ToArray()), ""));
        image["annotations"] = new JsonObject { ["io.containerd.image.name"] = "example.com/image:1" };
        builder.Top(null, image, builder.Blob("application/xml", "<a/>"u8.ToArray()));
        var warnings = new List<string>();
        Assert.Equal(
            "example.com/image:1",
            Assert.Single(await space.ImportAsync(builder, new ImageImportOptions { Warn = warnings.Add })).Name
        );
        Assert.Contains("'application/xml'", Assert.Single(warnings), StringComparison.Ordinal);
        await space.AssertWholeAsync();
    }

    [Fact]
    public async Task An_image_only_for_another_platform_is_stored_without_unpacking()
    {
        var space = fixture.Space();
        var builder = new LayoutBuilder();
        builder.Top("example.com/foreign:1", builder.Image("linux/s390x", (LayoutBuilder.LayerTar("x", "x"u8.ToArray()), "gzip")));
        Assert.Equal(
            ErrorIds.PlatformNotAvailable,
            (await Assert.ThrowsAsync<CtrNotFoundException>(() => space.ImportAsync(builder))).ErrorId
        );
        var image = Assert.Single(await space.ImportAsync(builder, new ImageImportOptions { Unpack = false }));
        var name = $"{fixture.Registry.Host}/{RegistryFixture.NewRepository()}:1";
        await space.Namespace.Images.PushAsync(image.Name, new ImagePushOptions { Destination = name, Registry = Pulls.Quick }, null, Stop);
        var fresh = fixture.Space();
        Assert.Equal(ErrorIds.PlatformNotAvailable, (await Assert.ThrowsAsync<CtrNotFoundException>(() => fresh.PullAsync(name))).ErrorId);
        Assert.Equal(image.Digest, (await fresh.PullAsync(name, options: new ImagePullOptions { Unpack = false })).Digest);
        await fresh.CollectAsync();
        Assert.Equal(await ContentAsync(space), await ContentAsync(fresh));
        Assert.Empty(await fresh.SnapshotsAsync());
    }

    // Where a blob came from is one label more, and ctr shows no label as a dash.
    private static async Task<List<string>> ContentAsync(ImageSpace space) =>
        [.. (await space.ContentAsync()).Select(line => line.TrimEnd(' ', '-'))];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static LayoutBuilder Artifact(string kind, string name)
    {
        var builder = new LayoutBuilder();
        JsonObject Manifest(string? type, JsonObject config, params JsonObject[] layers)
        {
            var json = new JsonObject
            {
                ["schemaVersion"] = 2,
                ["mediaType"] = LayoutBuilder.Manifest,
                ["config"] = config,
                ["layers"] = new JsonArray([.. layers]),
            };
            if (type is not null)
                json["artifactType"] = type;
            return builder.Blob(LayoutBuilder.Manifest, json);
        }

        var salt = Guid.NewGuid().ToString();
        var data = Encoding.UTF8.GetBytes(salt);
        return builder.Top(
            name,
            kind switch
            {
                "chart" => Manifest(
                    null,
                    builder.Blob("application/vnd.cncf.helm.config.v1+json", new JsonObject { ["name"] = salt }),
                    builder.Blob("application/vnd.cncf.helm.chart.content.v1.tar+gzip", LayoutBuilder.Gzip(data))
                ),
                "typed" => Manifest(
                    Model,
                    builder.Blob(Empty, new JsonObject()),
                    builder.Blob("application/vnd.example.data", data),
                    builder.Blob("text/plain", "x"u8.ToArray())
                ),
                "empty layer" => Manifest(Model, builder.Blob(Empty, new JsonObject()), builder.Blob(Empty, new JsonObject())),
                "old config" => Manifest(
                    null,
                    builder.Blob("application/octet-stream", new JsonObject { ["os"] = "linux" }),
                    builder.Blob(LayoutBuilder.Layer, LayoutBuilder.LayerTar("x", data))
                ),
                _ => builder.Blob(
                    LayoutBuilder.Index,
                    new JsonObject
                    {
                        ["schemaVersion"] = 2,
                        ["mediaType"] = LayoutBuilder.Index,
                        ["artifactType"] = "application/vnd.example.set",
                        ["manifests"] = new JsonArray(
                            Manifest(Model, builder.Blob(Empty, new JsonObject()), builder.Blob("application/vnd.example.data", data)),
                            Manifest(
                                null,
                                builder.Blob("application/vnd.example.other", new JsonObject { ["a"] = 1 }),
                                builder.Blob("text/plain", "y"u8.ToArray())
                            )
                        ),
                    }
                ),
            }
        );
    }
}

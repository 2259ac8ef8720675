using System.Text;
using System.Text.Json.Nodes;
using Containerd.Client.Tests.Archives;

namespace Containerd.Client.Tests.Images;

/// <summary>A bad archive is one clear error, and nothing is left of it.</summary>
public abstract class ImageBadArchiveTests(ImageFixture fixture)
{
    private static readonly byte[] LayerA = LayoutBuilder.LayerTar("a", "hello"u8.ToArray());

    public static TheoryData<string, string> Cases =>
        new()
        {
            { "empty file", ErrorIds.ImageArchiveInvalid },
            { "text", ErrorIds.ImageArchiveInvalid },
            { "long text", ErrorIds.ImageArchiveInvalid },
            { "random", ErrorIds.ImageArchiveInvalid },
            { "gzip of text", ErrorIds.ImageArchiveInvalid },
            { "empty tar", ErrorIds.ImageArchiveInvalid },
            { "other tar", ErrorIds.ImageArchiveInvalid },
            { "layout without index", ErrorIds.ImageArchiveInvalid },
            { "index without layout", ErrorIds.ImageArchiveInvalid },
            { "layout of version 9", ErrorIds.ImageArchiveInvalid },
            { "index not json", ErrorIds.ImageArchiveInvalid },
            { "index null", ErrorIds.ImageArchiveInvalid },
            { "index with null", ErrorIds.ImageArchiveInvalid },
            { "index empty", ErrorIds.ImageArchiveInvalid },
            { "index too large", ErrorIds.ImageArchiveInvalid },
            { "index says manifest", ErrorIds.ImageArchiveInvalid },
            { "manifest not json", ErrorIds.ImageArchiveInvalid },
            { "manifest too large", ErrorIds.ImageArchiveInvalid },
            { "manifest without config", ErrorIds.ImageArchiveInvalid },
            { "missing manifest", ErrorIds.ImageArchiveInvalid },
            { "missing config", ErrorIds.ImageArchiveInvalid },
            { "missing layer", ErrorIds.ImageArchiveInvalid },
            { "wrong digest of a blob", ErrorIds.DigestMismatch },
            { "wrong size of the manifest", ErrorIds.DigestMismatch },
            { "wrong size of a layer", ErrorIds.DigestMismatch },
            { "wrong diff id", ErrorIds.DigestMismatch },
            { "fewer diff ids", ErrorIds.ImageArchiveInvalid },
            { "layer of text", "LayerNotUnpacked" },
            { "layer cut off", "LayerNotUnpacked" },
            { "unknown layer type", "LayerNotUnpacked" },
            { "sha512", ErrorIds.DigestAlgorithmNotSupported },
            { "name with another digest", ErrorIds.DigestMismatch },
            { "many json values", ErrorIds.ImageArchiveInvalid },
            { "many images", ErrorIds.ImageArchiveInvalid },
            { "many layers", ErrorIds.ImageArchiveInvalid },
            { "many layers of a manifest", ErrorIds.ImageArchiveInvalid },
            { "long name", ErrorIds.ImageArchiveInvalid },
            { "large header", ErrorIds.ImageArchiveInvalid },
            { "large holes", ErrorIds.ImageArchiveInvalid },
            { "digest with dots", ErrorIds.ImageArchiveInvalid },
            { "negative size", ErrorIds.ImageArchiveInvalid },
            { "path with dots", ErrorIds.ImageArchiveInvalid },
            { "unsupported media type", ErrorIds.ImageArchiveInvalid },
            { "schema 1 media type", ErrorIds.ImageArchiveInvalid },
            { "schema 1 manifest", ErrorIds.ImageArchiveInvalid },
            { "nested too deep", ErrorIds.ImageArchiveInvalid },
            { "no name", ErrorIds.ImageNameMissing },
            { "name with controls", ErrorIds.InvalidImageName },
            { "tag with controls", ErrorIds.InvalidImageName },
            { "name with a quotation mark", ErrorIds.InvalidImageName },
            { "other platform", ErrorIds.PlatformNotAvailable },
            { "docker not json", ErrorIds.ImageArchiveInvalid },
            { "docker without config", ErrorIds.ImageArchiveInvalid },
            { "docker missing layer", ErrorIds.ImageArchiveInvalid },
            { "docker link to nowhere", ErrorIds.ImageArchiveInvalid },
            { "docker link loop", ErrorIds.ImageArchiveInvalid },
            { "docker bad name", ErrorIds.ImageArchiveInvalid },
            { "docker wrong config digest", ErrorIds.DigestMismatch },
            { "second image is bad", ErrorIds.ImageArchiveInvalid },
        };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_bad_archive_is_one_error_and_leaves_nothing(string kind, string errorId)
    {
        var space = fixture.Space();
        var path = space.File("bad.tar", Make(kind));

        var error = await Assert.ThrowsAnyAsync<CtrException>(() => space.ImportAsync(path));

        Assert.Equal(errorId, error.ErrorId);
        Assert.False(
            error.ErrorId != ErrorIds.PlatformNotAvailable && !error.Message.Contains(path, StringComparison.Ordinal),
            error.Message
        );
        Assert.False(string.IsNullOrEmpty(error.Remedy), error.Message);
        await space.AssertEmptyAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_archive_that_is_truncated_anywhere_is_rejected(bool compressed)
    {
        var space = fixture.Space();
        var tar = LayoutBuilder.Small("docker.io/library/cut:1").ToTar();
        var whole = compressed ? LayoutBuilder.Gzip(tar) : tar;
        var usable = whole.Length - (compressed ? 0 : 1024);
        var step = Math.Max(1, usable / 40);
        // The last bytes of a compressed one hold nothing but the zeros behind tar's end mark: without them nothing is missing.
        for (
            var length = 1;
            length <= usable - (compressed ? 64 : 0);
            length += length % 512 == 0 ? step : Math.Min(step, 512 - (length % 512))
        )
        {
            var error = await Assert.ThrowsAsync<CtrDataException>(() => space.ImportAsync(space.File("cut.tar", whole[..length])));
            Assert.True(error.ErrorId is ErrorIds.ImageArchiveTruncated or ErrorIds.ImageArchiveInvalid, error.ErrorId);
            if (length > 4096 && !compressed)
                Assert.Equal(ErrorIds.ImageArchiveTruncated, error.ErrorId);
        }

        await space.AssertEmptyAsync();
        Assert.Single(await space.ImportAsync(space.File("whole.tar", whole)));
    }

    [Fact]
    public async Task A_failed_import_does_not_change_an_image_with_the_same_name()
    {
        var space = fixture.Space();
        await space.ImportAsync(LayoutBuilder.Small("docker.io/library/kept:1"));
        var (images, content, snapshots) = (await space.ImagesAsync(), await space.ContentAsync(), await space.SnapshotsAsync());
        var bad = LayoutBuilder.Small("docker.io/library/kept:1", "other");
        bad.Files.RemoveAt(4);

        await Assert.ThrowsAsync<CtrDataException>(() => space.ImportAsync(bad));

        Assert.Equal(images, await space.ImagesAsync());
        Assert.Equal(content, await space.ContentAsync());
        Assert.Equal(snapshots, await space.SnapshotsAsync());
    }

    [Fact]
    public async Task A_missing_file_is_a_separate_error()
    {
        var space = fixture.Space();
        Assert.Equal(
            ErrorIds.FileNotFound,
            (await Assert.ThrowsAsync<CtrNotFoundException>(() => space.ImportAsync(space.File("none.tar")))).ErrorId
        );
        Assert.Equal(
            ErrorIds.NotAFile,
            (await Assert.ThrowsAsync<CtrArgumentException>(() => space.ImportAsync(Path.GetTempPath()))).ErrorId
        );
    }

    private static byte[] Make(string kind)
    {
        const string Name = "docker.io/library/bad:1";
        var b = new LayoutBuilder();
        JsonObject Good() => b.Image(LayoutBuilder.HostPlatform, (LayerA, "gzip"));
        LayoutBuilder Without(Func<(string Name, byte[] Data), bool> which)
        {
            b.Top(Name, Good());
            b.Files.RemoveAt(b.Files.FindIndex(f => which(f)));
            return b;
        }

        LayoutBuilder WithManifest(Action<JsonObject> change, Action<JsonObject>? changeConfig = null)
        {
            var layer = b.Blob(LayoutBuilder.Layer + "+gzip", LayoutBuilder.Gzip(LayerA));
            var config = new JsonObject
            {
                ["os"] = LayoutBuilder.HostPlatform.Split('/')[0],
                ["architecture"] = LayoutBuilder.HostPlatform.Split('/')[1],
                ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray(LayoutBuilder.Digest(LayerA)) },
            };
            changeConfig?.Invoke(config);
            var manifest = new JsonObject
            {
                ["schemaVersion"] = 2,
                ["mediaType"] = LayoutBuilder.Manifest,
                ["config"] = b.Blob(LayoutBuilder.Config, config),
                ["layers"] = new JsonArray(layer),
            };
            change(manifest);
            return b.Top(Name, b.Blob(LayoutBuilder.Manifest, manifest));
        }

        LayoutBuilder Docker(string? config, string layer, string tag, byte[]? data = null)
        {
            b.Files.Clear();
            var json = Encoding.UTF8.GetBytes(
                $$$"""{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["{{{LayoutBuilder.Digest(LayerA)}}}"]}}"""
            );
            b.Files.Add((config ?? "config.json", data ?? json));
            b.Files.Add(("one/layer.tar", LayerA));
            b.Files.Add(
                (
                    "manifest.json",
                    Encoding.UTF8.GetBytes(
                        new JsonArray(
                            new JsonObject
                            {
                                ["Config"] = config ?? "other.json",
                                ["RepoTags"] = new JsonArray(tag),
                                ["Layers"] = new JsonArray(layer),
                            }
                        ).ToJsonString()
                    )
                )
            );
            return b;
        }

        LayoutBuilder Only(string name, string data)
        {
            b.Files.Add((name, Encoding.UTF8.GetBytes(data)));
            return b;
        }

        JsonObject Target(Action<JsonObject> change)
        {
            var target = Good();
            change(target);
            return target;
        }

        LayoutBuilder WithLayer(string type, byte[] data) => WithManifest(m => m["layers"] = new JsonArray(b.Blob(type, data)));

        switch (kind)
        {
            case "empty file":
                return [];
            case "text":
                return "not a tar"u8.ToArray();
            case "long text":
                return Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("not a tar\n", 1000)));
            case "random":
                var random = new byte[20000];
                new Random(1).NextBytes(random);
                return random;
            case "gzip of text":
                return LayoutBuilder.Gzip(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("not a tar\n", 1000))));
            case "empty tar":
                return new byte[10240];
            case "other tar":
                return LayerA;
            case "large header":
                return new RawTar().Add("header", [], 'L', size: 1L << 31).End();
            case "large holes":
                return new RawTar()
                    .Pax(
                        ("GNU.sparse.size", "9999999999"),
                        ("GNU.sparse.numblocks", "1"),
                        ("GNU.sparse.map", "0,3"),
                        ("GNU.sparse.name", "blobs/sha256/" + new string('a', 64))
                    )
                    .Add("x", "abc"u8.ToArray())
                    .End();
            case "docker link to nowhere":
                return DockerWithLink("../two/layer.tar");
            case "docker link loop":
                return DockerWithLink("../one/layer.tar");
        }

        return (
            kind switch
            {
                "layout without index" => Only("readme", "x"),
                "index without layout" => Without(f => f.Name == "oci-layout"),
                "layout of version 9" => Relayout("""{"imageLayoutVersion":"9.0.0"}"""),
                "index not json" => Only("index.json", "{ not json"),
                "index null" => Only("index.json", "null"),
                "index with null" => Only("index.json", """{"manifests":[null]}"""),
                "index empty" => Only("index.json", """{"manifests":[]}"""),
                "index too large" => Only("index.json", new string(' ', 11 << 20) + """{"manifests":[]}"""),
                "index says manifest" => Only("index.json", """{"mediaType":"application/vnd.oci.image.manifest.v1+json"}"""),
                "manifest not json" => b.Top(Name, b.Blob(LayoutBuilder.Manifest, "nothing"u8.ToArray())),
                "manifest too large" => b.Top(Name, b.Blob(LayoutBuilder.Manifest, new byte[11 << 20])),
                "manifest without config" => WithManifest(m => m.Remove("config")),
                "missing manifest" => Without(f => Encoding.UTF8.GetString(f.Data).Contains("\"layers\":[", StringComparison.Ordinal)),
                "missing config" => Without(f => Encoding.UTF8.GetString(f.Data).Contains("diff_ids", StringComparison.Ordinal)),
                "missing layer" => Without(f => f.Data is [0x1f, 0x8b, ..]),
                "wrong digest of a blob" => Corrupt(),
                "wrong size of the manifest" => b.Top(Name, Target(t => t["size"] = 5)),
                "wrong size of a layer" => WithManifest(m => m["layers"]![0]!["size"] = 7),
                "wrong diff id" => WithManifest(_ => { }, c => c["rootfs"]!["diff_ids"]![0] = "sha256:" + new string('a', 64)),
                "fewer diff ids" => WithManifest(_ => { }, c => c["rootfs"]!["diff_ids"] = new JsonArray()),
                "layer of text" => WithLayer(LayoutBuilder.Layer, Encoding.ASCII.GetBytes(new string('x', 2000))),
                "layer cut off" => WithLayer(LayoutBuilder.Layer + "+gzip", LayoutBuilder.Gzip(LayerA)[..40]),
                "unknown layer type" => WithLayer("application/x-nothing", LayoutBuilder.Gzip(LayerA)),
                "sha512" => b.Top(Name, Target(t => t["digest"] = "sha512:" + new string('a', 128))),
                "name with another digest" => b.Top("docker.io/library/bad@sha256:" + new string('a', 64), Good()),
                "many json values" => Only("index.json", $$"""{"manifests":[{{string.Join(',', Enumerable.Repeat("{}", 300_000))}}]}"""),
                "many images" => b.Top(
                    Name,
                    [
                        .. Enumerable
                            .Range(0, 5000)
                            .Select(_ => new JsonObject
                            {
                                ["mediaType"] = LayoutBuilder.Manifest,
                                ["digest"] = "sha256:" + new string('a', 64),
                                ["size"] = 1,
                            }),
                    ]
                ),
                "many layers" => Only(
                    "manifest.json",
                    $$"""[{"Config":"c","Layers":[{{string.Join(',', Enumerable.Repeat("\"a\"", 5000))}}]}]"""
                )
                    is var many
                && many.Files.RemoveAll(f => f.Name == "oci-layout") > 0
                    ? many
                    : b,
                "many layers of a manifest" => WithManifest(m =>
                    m["layers"] = new JsonArray([.. Enumerable.Repeat(0, 5000).Select(_ => m["layers"]![0]!.DeepClone())])
                ),
                "long name" => Only(string.Join('/', Enumerable.Repeat("folder", 700)), "x").Top(Name, Good()),
                "digest with dots" => b.Top(Name, Target(t => t["digest"] = "sha256:../../etc/passwd")),
                "negative size" => b.Top(Name, Target(t => t["size"] = -1)),
                "path with dots" => Only("blobs/sha256/../../../etc/evil", "x").Top(Name, Good()),
                "unsupported media type" => b.Top(Name, Target(t => t["mediaType"] = "text/plain")),
                "schema 1 media type" => b.Top(
                    Name,
                    Target(t => t["mediaType"] = "application/vnd.docker.distribution.manifest.v1+prettyjws")
                ),
                "schema 1 manifest" => b.Top(
                    Name,
                    b.Blob(
                        "application/vnd.docker.distribution.manifest.v2+json",
                        """{"schemaVersion":1,"fsLayers":[{"blobSum":"sha256:0"}]}"""u8.ToArray()
                    )
                ),
                "nested too deep" => b.Top(Name, Enumerable.Range(0, 12).Aggregate(Good(), (child, _) => b.IndexOf(child))),
                "no name" => b.Top(null, Good()),
                "name with controls" => b.Top("docker.io/library/x\u001b[6n:1", Good()),
                "tag with controls" => b.Top("1\u001b[6n", Good()),
                "name with a quotation mark" => b.Top("docker.io/library/x‘:1", Good()),
                "other platform" => b.Top(Name, b.Image("linux/s390x", (LayerA, "gzip"))),
                "docker not json" => Only("manifest.json", "[") is var layout && layout.Files.RemoveAll(f => f.Name == "oci-layout") > 0
                    ? layout
                    : b,
                "docker without config" => Docker(null, "one/layer.tar", "bad:1"),
                "docker missing layer" => Docker("config.json", "two/layer.tar", "bad:1"),
                "docker bad name" => Docker("config.json", "one/layer.tar", "BAD NAME"),
                "docker wrong config digest" => Docker(new string('a', 64) + ".json", "one/layer.tar", "bad:1"),
                "second image is bad" => b.Top(Name, Good(), Target(t => t["mediaType"] = "text/plain")),
                _ => throw new ArgumentOutOfRangeException(nameof(kind)),
            }
        ).ToTar();

        LayoutBuilder Relayout(string json)
        {
            b.Top(Name, Good());
            b.Files[0] = ("oci-layout", Encoding.UTF8.GetBytes(json));
            return b;
        }

        LayoutBuilder Corrupt()
        {
            b.Top(Name, Good());
            var at = b.Files.FindIndex(f => f.Data is [0x1f, 0x8b, ..]);
            b.Files[at].Data[^1] ^= 1;
            return b;
        }

        byte[] DockerWithLink(string target)
        {
            Docker("config.json", "one/layer.tar", "bad:1");
            b.Links.Add(("one/layer.tar", target));
            b.Files.RemoveAll(f => f.Name == "one/layer.tar");
            return b.ToTar();
        }
    }
}

public sealed class BookwormImageBadArchiveTests(ImageFixture fixture) : ImageBadArchiveTests(fixture), IClassFixture<ImageFixture>;

public sealed class SidImageBadArchiveTests(SidImageFixture fixture) : ImageBadArchiveTests(fixture), IClassFixture<SidImageFixture>;

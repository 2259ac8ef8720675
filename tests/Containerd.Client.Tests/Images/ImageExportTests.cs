using System.Text;
using Containerd.Oci;
using Containerd.Testing;

namespace Containerd.Client.Tests.Images;

/// <summary>Archives of images for several platforms: complete in themselves, whatever is left out.</summary>
public sealed class ImageExportTests(ImageFixture fixture) : IClassFixture<ImageFixture>
{
    private const string Name = "docker.io/test/multi:1";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static (byte[] Tar, string Compression)[] Layers(string text) =>
        [
            (LayoutBuilder.LayerTar("a.txt", Encoding.UTF8.GetBytes(text)), "gzip"),
            (LayoutBuilder.LayerTar("b.txt", Encoding.UTF8.GetBytes(text)), "zstd"),
        ];

    private static LayoutBuilder Multi() =>
        new LayoutBuilder() is var builder
            ? builder.Top(
                Name,
                builder.IndexOf(
                    builder.Image("linux/amd64", Layers("amd64")),
                    builder.Image("linux/arm64", Layers("arm64")),
                    builder.Image("linux/s390x", Layers("s390x"))
                )
            )
            : throw new InvalidOperationException();

    [Fact]
    public async Task All_platforms_keep_the_indexs_digest_and_some_make_a_shorter_one()
    {
        var space = fixture.Space();
        var image = Assert.Single(await space.ImportAsync(Multi()));
        foreach (
            var (platforms, expected) in new (string[] Chosen, string[] Kept)[]
            {
                ([], ["linux/amd64", "linux/arm64", "linux/s390x"]),
                (["linux/arm64", "linux/s390x"], ["linux/arm64", "linux/s390x"]),
                (["arm64"], ["linux/arm64"]),
            }
        )
        {
            var file = space.File($"{platforms.Length}.tar");
            var exported = Assert.Single(
                await space.Namespace.Images.ExportAsync([Name], file, new ImageExportOptions { Platforms = platforms }, null, Cancellation)
            );
            Assert.Equal(expected, exported.Platforms);
            Assert.Equal(3 - expected.Length, exported.OmittedPlatforms.Count);

            var other = fixture.Space();
            await other.CtrAsync("images", "import", "--all-platforms", "--no-unpack", file);
            var read = await other.Namespace.Images.GetAsync(Name, Cancellation);
            Assert.Equal(expected, read.Platforms);
            Assert.Equal(platforms.Length == 0, read.Digest == image.Digest);
            var test = await other.Namespace.Images.TestAsync(
                Name,
                new ImageTestOptions { AllPlatforms = true, RequireUnpacked = false },
                null,
                Cancellation
            );
            Assert.True(test.Passed, test.ToString());
            Assert.Equal(expected, test.Platforms);

            var raw = await Shell.RunAsync("skopeo", "inspect", "--raw", $"oci-archive:{file}:1");
            Assert.Equal(read.Digest, LayoutBuilder.Digest(Encoding.UTF8.GetBytes(raw)));
        }
    }

    [Fact]
    public async Task Missing_local_platforms_are_omitted_or_an_error()
    {
        var space = fixture.Space();
        await space.ImportAsync(Multi());
        var arm = (
            await space.Namespace.Images.DetailAsync(await space.Namespace.Images.GetAsync(Name, Cancellation), "linux/arm64", Cancellation)
        ).Layers;
        await space.CtrAsync("content", "rm", arm[1].Digest);
        var file = space.File("some.tar");
        var exported = Assert.Single(await space.Namespace.Images.ExportAsync([Name], file, new ImageExportOptions(), null, Cancellation));
        Assert.Equal(["linux/amd64", "linux/s390x"], exported.Platforms);
        Assert.Equal(["linux/arm64"], exported.OmittedPlatforms);
        foreach (
            var options in new[]
            {
                new ImageExportOptions { AllPlatforms = true },
                new ImageExportOptions { Platforms = ["linux/arm64"] },
            }
        )
        {
            var error = await Assert.ThrowsAsync<CtrDataException>(() =>
                space.Namespace.Images.ExportAsync([Name], space.File("none.tar"), options, null, Cancellation)
            );
            Assert.Equal(ErrorIds.ImageIncomplete, error.ErrorId);
            Assert.Contains(arm[1].Digest, error.Message, StringComparison.Ordinal);
            Assert.False(File.Exists(space.File("none.tar")));
        }

        var test = await space.Namespace.Images.TestAsync(
            Name,
            new ImageTestOptions { Platforms = ["linux/arm64"], RequireUnpacked = false },
            null,
            Cancellation
        );
        Assert.Equal(
            (CtrImageProblemKind.Missing, arm[1].Digest, "linux/arm64"),
            (Assert.Single(test.Problems).Kind, test.Problems[0].Digest, test.Problems[0].Platform)
        );
        Assert.True(
            (await space.Namespace.Images.TestAsync(Name, new ImageTestOptions { RequireUnpacked = false }, null, Cancellation)).Passed
        );
    }

    [Fact]
    public async Task Dockers_format_has_one_platform_with_uncompressed_layers()
    {
        var space = fixture.Space();
        await space.ImportAsync(Multi());
        var file = space.File("docker.tar");
        await space.Namespace.Images.ExportAsync(
            [Name],
            file,
            new ImageExportOptions { Format = CtrImageArchiveFormat.Docker },
            null,
            Cancellation
        );
        var other = fixture.Space();
        await other.CtrAsync("images", "import", "--no-unpack", file);
        var theirs = await other.Namespace.Images.DetailAsync(
            await other.Namespace.Images.GetAsync(Name, Cancellation),
            cancellationToken: Cancellation
        );
        var ours = await space.Namespace.Images.DetailAsync(
            await space.Namespace.Images.GetAsync(Name, Cancellation),
            cancellationToken: Cancellation
        );
        Assert.Equal(ours.Config!.DiffIds, theirs.Config!.DiffIds);
        Assert.Equal(theirs.Config.DiffIds, theirs.Layers.Select(l => l.Digest));
        var error = await Assert.ThrowsAsync<CtrNotSupportedException>(() =>
            space.Namespace.Images.ExportAsync(
                [Name],
                space.File("none.tar"),
                new ImageExportOptions { Format = CtrImageArchiveFormat.Docker, AllPlatforms = true },
                null,
                Cancellation
            )
        );
        Assert.Equal(ErrorIds.FormatHoldsOnePlatform, error.ErrorId);
    }

    [Fact]
    public async Task Cancellation_leaves_no_file_and_no_lease()
    {
        var space = fixture.Space();
        await space.ImportAsync(Multi());
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var progress = new Stopping(stop);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            space.Namespace.Images.ExportAsync([Name], space.File("given-up.tar"), new ImageExportOptions(), progress, stop.Token)
        );
        Assert.DoesNotContain(Directory.GetFiles(Path.GetDirectoryName(space.File("x"))!), f =>
            f.Contains("given-up", StringComparison.Ordinal)
        );
        Assert.DoesNotContain("pwsh-", await space.CtrAsync("leases", "list"), StringComparison.Ordinal);
    }

    private sealed class Stopping(CancellationTokenSource stop) : IProgress<ImageProgress>
    {
        public void Report(ImageProgress value) => stop.Cancel();
    }
}

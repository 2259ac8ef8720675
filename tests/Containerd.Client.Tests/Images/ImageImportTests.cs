using Containerd.Testing;

namespace Containerd.Client.Tests.Images;

/// <summary>What we import is what containerd's own client would have imported from the same file.</summary>
public abstract class ImageImportTests(ImageFixture fixture)
{
    [Theory]
    [InlineData("layout")]
    [InlineData("skopeo-oci")]
    [InlineData("skopeo-oci-nameless-tag")]
    [InlineData("skopeo-docker")]
    [InlineData("skopeo-docker-gzip")]
    [InlineData("umoci")]
    [InlineData("ctr-export")]
    [InlineData("layers")]
    [InlineData("sparse-0.0")]
    [InlineData("sparse-0.1")]
    [InlineData("sparse-1.0")]
    public async Task Import_agrees_with_ctr(string kind)
    {
        var (ours, theirs) = (fixture.Space(), fixture.Space());
        var archive = await ArchiveAsync(kind, ours);

        var images = await ours.ImportAsync(archive);
        await theirs.CtrAsync("images", "import", archive);
        await theirs.CollectAsync();

        Assert.NotEmpty(images);
        Assert.Equal(await theirs.ImagesAsync(), await ours.ImagesAsync());
        Assert.Equal(await theirs.ContentAsync(), await ours.ContentAsync());
        Assert.Equal(await theirs.SnapshotsAsync(), await ours.SnapshotsAsync());
        Assert.Contains("complete", await ours.CtrAsync("images", "check"), StringComparison.Ordinal);
        foreach (var image in images)
            await ours.CtrAsync("images", "remove", "--sync", image.Name);
        await ours.AssertEmptyAsync();
    }

    [Fact]
    public async Task An_archive_with_holes_in_GNU_s_form_and_times_far_away_is_imported()
    {
        var space = fixture.Space();
        Assert.Equal(
            "docker.io/library/holes:1",
            Assert.Single(await space.ImportAsync(await SparseAsync(space, "--format=gnu --mtime=@1099511627776"))).Name
        );
        Assert.Single(await space.SnapshotsAsync());
    }

    /// <summary>Packs a layout whose layer is mostly holes.</summary>
    private static async Task<string> SparseAsync(ImageSpace space, string form)
    {
        var layout = new LayoutBuilder();
        layout.Top(
            "docker.io/library/holes:1",
            layout.Image(LayoutBuilder.HostPlatform, (LayoutBuilder.LayerTar("zeros", new byte[1 << 20]), ""))
        );
        var folder = space.File("holes");
        foreach (var (name, data) in layout.Files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, name))!);
            await File.WriteAllBytesAsync(Path.Combine(folder, name), data, TestContext.Current.CancellationToken);
        }

        var tar = space.File("holes.tar");
        await Shell.RunAsync(
            "sh",
            "-c",
            $"cd {folder} && find . -type f -size +100k -exec fallocate -d {{}} \\; && tar -S {form} -cf {tar} *"
        );
        Assert.True(new FileInfo(tar).Length < 1 << 18, "the archive is not sparse");
        return tar;
    }

    private async Task<string> ArchiveAsync(string kind, ImageSpace space)
    {
        var busybox = await TestImages.BusyboxTarAsync();
        var tar = space.File(kind + ".tar");
        switch (kind)
        {
            case "layout":
                return busybox;
            case "skopeo-oci":
                await Shell.RunAsync(
                    "skopeo",
                    "--insecure-policy",
                    "copy",
                    "oci-archive:" + busybox,
                    $"oci-archive:{tar}:docker.io/library/two:2"
                );
                return tar;
            case "skopeo-oci-nameless-tag":
                await Shell.RunAsync("skopeo", "--insecure-policy", "copy", "oci-archive:" + busybox, $"oci-archive:{tar}:v3");
                return tar;
            case "skopeo-docker":
                await Shell.RunAsync(
                    "skopeo",
                    "--insecure-policy",
                    "copy",
                    "oci-archive:" + busybox,
                    $"docker-archive:{tar}:example.com:5000/team/app:1"
                );
                return tar;
            case "skopeo-docker-gzip":
                await Shell.RunAsync("skopeo", "--insecure-policy", "copy", "oci-archive:" + busybox, $"docker-archive:{tar}:app");
                await Shell.RunAsync("gzip", tar);

                // containerd's own client wants it plain.
                await Shell.RunAsync("sh", "-c", $"gzip -dc {tar}.gz > {tar}");
                return tar;
            case "umoci":
                var layout = space.File("umoci");
                System.IO.File.WriteAllText(space.File("note"), "hello");
                await Shell.RunAsync("umoci", "init", "--layout", layout);
                await Shell.RunAsync("umoci", "new", "--image", layout + ":latest");
                await Shell.RunAsync("umoci", "insert", "--rootless", "--image", layout + ":latest", space.File("note"), "/note");
                await Shell.RunAsync("tar", "-C", layout, "-cf", tar, ".");
                return tar;
            case "sparse-0.0" or "sparse-0.1" or "sparse-1.0":
                return await SparseAsync(space, "--format=pax --sparse-version=" + kind[7..]);
            case "ctr-export":
                await space.CtrAsync("images", "import", busybox);
                await space.CtrAsync(["images", "export", .. fixture.LocalImport, tar, TestImages.Busybox]);
                await space.CtrAsync("images", "remove", "--sync", TestImages.Busybox);
                return tar;
            default:
                return space.File("layers.tar", LayoutBuilder.Small("docker.io/library/small:1").ToTar());
        }
    }
}

public sealed class BookwormImageImportTests(ImageFixture fixture) : ImageImportTests(fixture), IClassFixture<ImageFixture>;

public sealed class SidImageImportTests(SidImageFixture fixture) : ImageImportTests(fixture), IClassFixture<SidImageFixture>;

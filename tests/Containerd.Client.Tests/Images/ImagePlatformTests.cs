using System.Text;
using System.Text.Json.Nodes;
using Containerd.Oci.Images;

namespace Containerd.Client.Tests.Images;

/// <summary>Images for several platforms: what is stored, what is unpacked, what is chosen.</summary>
public abstract class ImagePlatformTests(ImageFixture fixture)
{
    private const string Name = "docker.io/library/multi:1";

    [Fact]
    public async Task All_platforms_are_stored_and_only_that_of_the_daemon_is_unpacked()
    {
        var (ours, theirs) = (fixture.Space(), fixture.Space());
        var archive = ours.File("multi.tar", Multi(nested: false).ToTar());

        var image = Assert.Single(await ours.ImportAsync(archive));
        await theirs.CtrAsync(["images", "import", .. fixture.LocalImport, "--all-platforms", archive]);
        await theirs.CollectAsync();

        Assert.Equal(["linux/amd64", "linux/arm64", "linux/arm/v7"], image.Platforms);
        Assert.Equal(await theirs.ImagesAsync(), await ours.ImagesAsync());
        Assert.Equal(await theirs.ContentAsync(), await ours.ContentAsync());
        Assert.Equal(await theirs.SnapshotsAsync(), await ours.SnapshotsAsync());
    }

    [Fact]
    public async Task Only_a_selected_platform_is_stored_and_unpacked()
    {
        var (ours, theirs) = (fixture.Space(), fixture.Space());
        var archive = ours.File("multi.tar", Multi(nested: false).ToTar());

        await ours.ImportAsync(archive, new ImageImportOptions { Platforms = ["linux/arm64"] });
        await theirs.CtrAsync(["images", "import", .. fixture.LocalImport, "--platform", "linux/arm64", archive]);
        await theirs.CollectAsync();

        Assert.Equal(await theirs.ImagesAsync(), await ours.ImagesAsync());
        Assert.Equal(await theirs.ContentAsync(), await ours.ContentAsync());
        Assert.Equal(await theirs.SnapshotsAsync(), await ours.SnapshotsAsync());
        var error = await Assert.ThrowsAsync<CtrDataException>(() =>
            ours.Namespace.Images.ResolveAsync("multi:1", null, TestContext.Current.CancellationToken)
        );
        Assert.Equal(ErrorIds.ImageIncomplete, error.ErrorId);

        // A second platform later does not lose the first one.
        await ours.ImportAsync(archive, new ImageImportOptions { Platforms = ["linux/amd64"] });
        await ours.CollectAsync();
        Assert.Equal(
            "arm64",
            (await ours.Namespace.Images.ResolveAsync("multi:1", "linux/arm64", TestContext.Current.CancellationToken)).Config.Architecture
        );
        Assert.Equal(
            "amd64",
            (await ours.Namespace.Images.ResolveAsync("multi:1", "amd64", TestContext.Current.CancellationToken)).Config.Architecture
        );
    }

    [Fact]
    public async Task Every_platform_can_be_unpacked()
    {
        var space = fixture.Space();
        await space.ImportAsync(Multi(nested: true), new ImageImportOptions { AllPlatforms = true });
        Assert.Equal(3, (await space.SnapshotsAsync()).Count);
    }

    [Fact]
    public async Task Nothing_has_to_be_unpacked_until_a_container_needs_it()
    {
        var space = fixture.Space();
        var cancellationToken = TestContext.Current.CancellationToken;
        await space.ImportAsync(Multi(nested: true), new ImageImportOptions { Unpack = false });
        Assert.Empty(await space.SnapshotsAsync());

        var image = await space.Namespace.Images.ResolveAsync("multi:1", null, cancellationToken);
        var chain = await space.Namespace.Images.UnpackAsync(image, "overlayfs", null, cancellationToken);

        Assert.Equal(chain, await space.Namespace.Images.UnpackAsync(image, "overlayfs", null, cancellationToken));
        Assert.StartsWith(chain, Assert.Single(await space.SnapshotsAsync()), StringComparison.Ordinal);
        Assert.Equal(chain, await space.Namespace.Images.UnpackAsync(image, "native", null, cancellationToken));
        await space.CollectAsync();
        Assert.Single(await space.SnapshotsAsync("native"));
        await space.Namespace.Images.RemoveAsync("multi:1", force: false, synchronous: true, cancellationToken);
        Assert.Empty(await space.SnapshotsAsync("native"));
        await space.AssertEmptyAsync();
    }

    [Fact]
    public async Task Other_platforms_may_be_missing_unless_they_are_requested()
    {
        var layout = Multi(nested: false);
        layout.Files.RemoveAll(f =>
            Encoding.UTF8.GetString(f.Data).Contains("\"architecture\":\"arm64\",\"os\":\"linux\",\"config\"", StringComparison.Ordinal)
        );
        var space = fixture.Space();

        var error = await Assert.ThrowsAsync<CtrDataException>(() =>
            space.ImportAsync(layout, new ImageImportOptions { AllPlatforms = true })
        );
        Assert.Equal(ErrorIds.ImageArchiveInvalid, error.ErrorId);
        await space.AssertEmptyAsync();
        await Assert.ThrowsAsync<CtrDataException>(() => space.ImportAsync(layout, new ImageImportOptions { Platforms = ["linux/arm64"] }));
        await space.AssertEmptyAsync();
        Assert.Single(await space.ImportAsync(layout));
    }

    [Fact]
    public async Task A_missing_platform_of_an_image_is_named_with_the_existing_ones()
    {
        var space = fixture.Space();
        var error = await Assert.ThrowsAsync<CtrNotFoundException>(() =>
            space.ImportAsync(Multi(nested: false), new ImageImportOptions { Platforms = ["linux/s390x"] })
        );
        Assert.Equal(ErrorIds.PlatformNotAvailable, error.ErrorId);
        Assert.Contains("linux/arm64", error.Message, StringComparison.Ordinal);
        await space.AssertEmptyAsync();
    }

    [Fact]
    public async Task An_export_of_one_platform_of_many_reports_which_one()
    {
        var layout = Multi(nested: false);
        var amd64 = layout.Files.FindIndex(f =>
            f.Data is [(byte)'{', ..] && Encoding.UTF8.GetString(f.Data).Contains("\"layers\":[", StringComparison.Ordinal)
        );
        layout.Files.RemoveAt(amd64);
        var space = fixture.Space();
        var error = await Assert.ThrowsAsync<CtrNotFoundException>(() => space.ImportAsync(layout));
        Assert.Contains("linux/arm64", error.Remedy, StringComparison.Ordinal);
        await space.AssertEmptyAsync();
        Assert.Single(await space.ImportAsync(layout, new ImageImportOptions { Platforms = ["linux/arm64"] }));
    }

    [Fact]
    public async Task The_config_contains_the_settings_for_containers()
    {
        var space = fixture.Space();
        await space.ImportAsync(Multi(nested: true));
        var image = await space.Namespace.Images.ResolveAsync("multi:1", null, TestContext.Current.CancellationToken);
        Assert.Equal(Name, image.Name);
        Assert.Equal(ImagePlatform.Host.ToString(), image.Platform);
        Assert.Equal(["sh"], image.Config.Cmd);
        Assert.Equal(["A=1"], image.Config.Env);
        Assert.Single(image.Config.DiffIds);
        Assert.NotEqual(image.Digest, image.ManifestDigest);
    }

    private static LayoutBuilder Multi(bool nested)
    {
        var builder = new LayoutBuilder();
        JsonObject Of(string platform) =>
            builder.Image(platform, (LayoutBuilder.LayerTar("platform", Encoding.UTF8.GetBytes(platform)), "gzip"));
        var (amd64, arm64, arm) = (Of("linux/amd64"), Of("linux/arm64"), Of("linux/arm/v7"));
        return builder.Top(Name, nested ? builder.IndexOf(builder.IndexOf(amd64, arm64), arm) : builder.IndexOf(amd64, arm64, arm));
    }
}

public sealed class BookwormImagePlatformTests(ImageFixture fixture) : ImagePlatformTests(fixture), IClassFixture<ImageFixture>;

public sealed class SidImagePlatformTests(SidImageFixture fixture) : ImagePlatformTests(fixture), IClassFixture<SidImageFixture>;

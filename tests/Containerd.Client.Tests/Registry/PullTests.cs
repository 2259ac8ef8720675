using System.Text;
using Containerd.Client.Tests.Images;
using Containerd.Client.Workloads.Stats;
using Containerd.Oci;
using Containerd.Testing;

namespace Containerd.Client.Tests.Registry;

/// <summary>The client pulls the same content as containerd's own client from the same registry.</summary>
public abstract class PullTests(RegistryFixture fixture)
{
    private static readonly string[] Platforms = ["linux/amd64", "linux/arm64", "linux/arm/v7"];

    [Theory]
    [InlineData("oci")]
    [InlineData("docker")]
    [InlineData("umoci")]
    [InlineData("layers")]
    [InlineData("index")]
    public async Task A_pull_agrees_with_ctr(string kind)
    {
        var (ours, theirs) = (fixture.Space(), fixture.Space());
        var name = $"{fixture.Registry.Host}/{await MakeAsync(kind, ours)}";

        var image = await ours.PullAsync(name);
        await theirs.CtrAsync(["images", "pull", .. fixture.LocalPull, "--plain-http", name]);
        await theirs.CollectAsync();

        Assert.Equal(name, image.Name);
        await AssertSameAsync(ours, theirs);
        await ours.AssertFinishedAsync();

        // None of the pulled content is garbage, and nothing else exists.
        var before = await ours.ContentAsync();
        await ours.CollectAsync();
        Assert.Equal(before, await ours.ContentAsync());
        Assert.Contains("complete", await ours.CtrAsync("images", "check"), StringComparison.Ordinal);

        // And vice versa: after a pull with ctr, the client has nothing to fetch.
        var watch = new Watch();
        await theirs.PullAsync(name, watch: watch);
        Assert.All(watch.All.Where(p => p.Stage == ImageProgressStage.Downloading), p => Assert.Equal(p.Total, p.Done));
        Assert.Equal((await ours.Namespace.Images.GetAsync(name)).Size, (await theirs.Namespace.Images.GetAsync(name)).Size);
        await AssertSameAsync(ours, theirs);

        await ours.CtrAsync("images", "remove", "--sync", name);
        await ours.AssertEmptyAsync();
    }

    [Fact]
    public async Task A_selected_platform_agrees_with_ctr_and_a_second_one_is_added()
    {
        var (ours, theirs) = (fixture.Space(), fixture.Space());
        var name = $"{fixture.Registry.Host}/{await MakeAsync("index", ours)}";

        await ours.PullAsync(name, options: new ImagePullOptions { Platforms = ["linux/arm64"] });
        await theirs.CtrAsync(["images", "pull", .. fixture.LocalPull, "--plain-http", "--platform", "linux/arm64", name]);
        await theirs.CollectAsync();
        await AssertSameAsync(ours, theirs);

        await ours.PullAsync(name);
        await ours.CollectAsync();
        var cancellationToken = TestContext.Current.CancellationToken;
        Assert.Equal("arm64", (await ours.Namespace.Images.ResolveAsync(name, "linux/arm64", cancellationToken)).Config.Architecture);
        Assert.Equal(LayoutBuilder.HostPlatform, (await ours.Namespace.Images.ResolveAsync(name, null, cancellationToken)).Platform);
        Assert.Equal(2, (await ours.SnapshotsAsync()).Count);
        await ours.AssertFinishedAsync();
    }

    [Fact]
    public async Task All_platforms_agree_with_ctr_and_all_are_unpacked()
    {
        var (ours, theirs) = (fixture.Space(), fixture.Space());
        var name = $"{fixture.Registry.Host}/{await MakeAsync("index", ours)}";

        await ours.PullAsync(name, options: new ImagePullOptions { AllPlatforms = true });
        await theirs.CtrAsync(["images", "pull", .. fixture.LocalPull, "--plain-http", "--all-platforms", name]);
        await theirs.CollectAsync();
        await AssertSameAsync(ours, theirs);
        Assert.Equal(3, (await ours.SnapshotsAsync()).Count);
    }

    [Fact]
    public async Task By_digest_exactly_that_image_is_pulled_and_named()
    {
        var space = fixture.Space();
        var repository = RegistryFixture.NewRepository();
        await fixture.PutAsync(space, LayoutBuilder.Small("a", "one"), repository + ":1");
        var first = await space.PullAsync($"{fixture.Registry.Host}/{repository}:1");
        await fixture.PutAsync(space, LayoutBuilder.Small("a", "two"), repository + ":1");

        var pinned = await space.PullAsync($"{fixture.Registry.Host}/{repository}@{first.Digest}");
        var moved = await space.PullAsync($"{fixture.Registry.Host}/{repository}:1");

        Assert.Equal($"{fixture.Registry.Host}/{repository}@{first.Digest}", pinned.Name);
        Assert.Equal(first.Digest, pinned.Digest);
        Assert.NotEqual(first.Digest, moved.Digest);
        Assert.Equal(2, (await space.ImagesAsync()).Count);
    }

    [Fact]
    public async Task A_tag_with_a_digest_is_that_digest()
    {
        var space = fixture.Space();
        var name = await fixture.PutAsync(space, LayoutBuilder.Small("a"));
        var first = await space.PullAsync($"{fixture.Registry.Host}/{name}");
        Assert.Equal(first.Digest, (await space.PullAsync($"{fixture.Registry.Host}/{name}@{first.Digest}")).Digest);
    }

    [Fact]
    public async Task Content_alone_is_unpacked_later_and_labels_are_kept()
    {
        var space = fixture.Space();
        var name = $"{fixture.Registry.Host}/{await fixture.PutAsync(space, LayoutBuilder.Small("a"))}";
        var image = await space.PullAsync(
            name,
            options: new ImagePullOptions
            {
                Unpack = false,
                Labels = new Dictionary<string, string> { ["team"] = "blue" },
            }
        );
        Assert.Equal("blue", image.Labels["team"]);
        Assert.Empty(await space.SnapshotsAsync());
        await space.PullAsync(name, options: new ImagePullOptions { Snapshotter = "native" });
        Assert.Equal(3, (await space.SnapshotsAsync("native")).Count);
    }

    [Fact]
    public async Task A_missing_platform_is_named_with_the_existing_ones_and_nothing_is_left()
    {
        var space = fixture.Space();
        var name = $"{fixture.Registry.Host}/{await MakeAsync("index", space)}";
        var error = await Assert.ThrowsAsync<CtrNotFoundException>(() =>
            space.PullAsync(name, options: new ImagePullOptions { Platforms = ["linux/s390x"] })
        );
        Assert.Equal(ErrorIds.PlatformNotAvailable, error.ErrorId);
        Assert.Contains("linux/arm64", error.Message, StringComparison.Ordinal);
        await space.AssertEmptyAsync();
    }

    [Fact]
    public async Task The_same_image_pulled_twice_at_once_is_fetched_once()
    {
        var space = fixture.Space();
        await using var proxy = new RegistryProxy(fixture.Registry.Port);
        var name = $"{proxy.Host}/{await fixture.PutAsync(space, RegistryFixture.Large(3 << 20, layers: 2))}";
        var images = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => space.PullAsync(name)));
        Assert.Single(images.Select(i => i.Digest).Distinct());
        Assert.Equal(3, proxy.Requests.Count(r => r.IsBlob));
        await space.AssertWholeAsync();
    }

    [Fact]
    public async Task An_image_without_layers_and_one_with_the_same_layer_twice_are_images()
    {
        var space = fixture.Space();
        var builder = new LayoutBuilder();
        var same = (LayoutBuilder.LayerTar("same", "same"u8.ToArray()), "gzip");
        builder.Top("x", builder.Image(LayoutBuilder.HostPlatform, same, same));
        Assert.NotEmpty((await space.PullAsync($"{fixture.Registry.Host}/{await fixture.PutAsync(space, builder)}")).Digest);
        var empty = new LayoutBuilder();
        empty.Top("x", empty.Image(LayoutBuilder.HostPlatform));
        Assert.NotEmpty((await space.PullAsync($"{fixture.Registry.Host}/{await fixture.PutAsync(space, empty)}")).Digest);
    }

    private async Task<string> MakeAsync(string kind, ImageSpace space)
    {
        var name = RegistryFixture.NewRepository() + ":1";
        var busybox = "oci-archive:" + await TestImages.BusyboxTarAsync();
        switch (kind)
        {
            case "oci":
                await fixture.Registry.CopyInAsync(busybox, name);
                return name;
            case "docker":
                await fixture.Registry.CopyInAsync(busybox, name, "--format", "v2s2");
                return name;
            case "umoci":
                var layout = space.File("umoci");
                await File.WriteAllTextAsync(space.File("note"), "hello " + name);
                await Shell.RunAsync("umoci", "init", "--layout", layout);
                await Shell.RunAsync("umoci", "new", "--image", layout + ":latest");
                await Shell.RunAsync("umoci", "insert", "--rootless", "--image", layout + ":latest", space.File("note"), "/note");
                await fixture.Registry.CopyInAsync($"oci:{layout}:latest", name);
                return name;
            case "layers":
                return await fixture.PutAsync(space, LayoutBuilder.Small("a", name), name);
            default:
                var builder = new LayoutBuilder();
                var manifests = Platforms
                    .Select(p => builder.Image(p, (LayoutBuilder.LayerTar("platform", Encoding.UTF8.GetBytes(p + name)), "gzip")))
                    .ToArray();
                return await fixture.PutAsync(space, builder.Top("a", builder.IndexOf(manifests)), name, "--all");
        }
    }

    // All labels are equal, including those that name the source of a blob.
    private static async Task AssertSameAsync(ImageSpace ours, ImageSpace theirs)
    {
        Assert.Equal(await theirs.ImagesAsync(), await ours.ImagesAsync());
        Assert.Equal(await theirs.ContentAsync(sources: true), await ours.ContentAsync(sources: true));
        Assert.Equal(await theirs.SnapshotsAsync(), await ours.SnapshotsAsync());
    }
}

public sealed class BookwormPullTests(RegistryFixture fixture) : PullTests(fixture), IClassFixture<RegistryFixture>;

public sealed class SidPullTests(SidRegistryFixture fixture) : PullTests(fixture), IClassFixture<SidRegistryFixture>;

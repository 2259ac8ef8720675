using System.Net;
using System.Text;
using Containerd.Client.Tests.Images;
using Containerd.Oci;
using Containerd.Testing;

namespace Containerd.Client.Tests.Registry;

/// <summary>Pulls and pushes with the daemon's transfer service, if it has one.</summary>
public sealed class DaemonTransferTests(SidRegistryFixture fixture) : IClassFixture<SidRegistryFixture>
{
    private static readonly RegistryOptions Plain = new() { DockerConfigDirectory = "/nonexistent" };
    private static readonly ImagePullOptions ByDaemon = new() { Method = CtrTransferMethod.Daemon };

    [Fact]
    public async Task An_image_that_the_daemon_pulls_equals_ours_and_is_unpacked()
    {
        var (daemons, ours) = (fixture.Space(), fixture.Space());
        var name = $"{fixture.Registry.Host}/{await fixture.PutAsync(ours, Multi(), null, "--all")}";
        var watch = new Watch();
        var image = await daemons.PullAsync(name, Plain, ByDaemon, watch);
        await ours.PullAsync(name);
        await daemons.CollectAsync();

        Assert.Equal(name, image.Name);
        Assert.Equal(await ours.ImagesAsync(), await daemons.ImagesAsync());
        Assert.Equal(await ours.ContentAsync(sources: true), await daemons.ContentAsync(sources: true));
        Assert.Equal(await ours.SnapshotsAsync(), await daemons.SnapshotsAsync());
        Assert.Equal(ImageProgressStage.Ended, watch.All.Last().Stage);
        await daemons.AssertFinishedAsync();

        // For a snapshotter that the daemon does not unpack to, the client unpacks.
        await daemons.PullAsync(name, Plain, new ImagePullOptions { Method = CtrTransferMethod.Daemon, Snapshotter = "native" });
        Assert.Single(await daemons.SnapshotsAsync("native"));
    }

    [Fact]
    public async Task A_selected_platform_and_labels_are_used()
    {
        var space = fixture.Space();
        var name = $"{fixture.Registry.Host}/{await fixture.PutAsync(space, Multi(), null, "--all")}";
        var image = await space.PullAsync(
            name,
            Plain,
            new ImagePullOptions
            {
                Method = CtrTransferMethod.Daemon,
                Platforms = ["linux/arm64"],
                Labels = new Dictionary<string, string> { ["team"] = "blue" },
            }
        );
        Assert.Equal("blue", image.Labels["team"]);
        Assert.Equal(
            "arm64",
            (await space.Namespace.Images.ResolveAsync(name, "linux/arm64", TestContext.Current.CancellationToken)).Config.Architecture
        );
        await Assert.ThrowsAsync<CtrDataException>(() =>
            space.Namespace.Images.ResolveAsync(name, null, TestContext.Current.CancellationToken)
        );
    }

    [Fact]
    public async Task The_daemon_gets_the_credentials_that_it_requests()
    {
        var space = fixture.Space();
        await using var registry = await TestRegistry.StartAsync(new TestRegistryOptions { Basic = true });
        await registry.CopyInAsync("oci-archive:" + await TestImages.BusyboxTarAsync(), "a:1");
        var login = new RegistryOptions
        {
            Credential = new NetworkCredential(TestRegistry.User, TestRegistry.Password),
            DockerConfigDirectory = "/nonexistent",
        };
        await space.PullAsync($"{registry.Host}/a:1", login, ByDaemon);
        var pushed = await space.Namespace.Images.PushAsync(
            $"{registry.Host}/a:1",
            new ImagePushOptions
            {
                Method = CtrTransferMethod.Daemon,
                Destination = $"{registry.Host}/b:2",
                Registry = login,
            },
            null,
            TestContext.Current.CancellationToken
        );
        Assert.Equal(pushed.Digest, LayoutBuilder.Digest(Encoding.UTF8.GetBytes(await registry.InspectAsync("b:2"))));

        Assert.Equal(
            ErrorIds.AuthenticationRequired,
            (await Assert.ThrowsAsync<CtrPermissionException>(() => space.PullAsync($"{registry.Host}/a:1", Plain, ByDaemon))).ErrorId
        );
        var wrong = new RegistryOptions
        {
            Credential = new NetworkCredential(TestRegistry.User, "wrong"),
            DockerConfigDirectory = "/nonexistent",
        };
        Assert.Equal(
            ErrorIds.AuthenticationFailed,
            (await Assert.ThrowsAsync<CtrPermissionException>(() => space.PullAsync($"{registry.Host}/a:1", wrong, ByDaemon))).ErrorId
        );
    }

    [Fact]
    public async Task Mirrors_are_read_on_the_daemons_host()
    {
        var space = fixture.Space();
        var name = await fixture.PutAsync(space, LayoutBuilder.Small("a", Guid.NewGuid().ToString()));
        var root = space.File("hosts");
        Directory.CreateDirectory(Path.Combine(root, "registry.test"));
        File.WriteAllText(Path.Combine(root, "registry.test", "hosts.toml"), $"server = \"http://{fixture.Registry.Host}\"\n");
        Assert.Equal(
            $"registry.test/{name}",
            (await space.PullAsync($"registry.test/{name}", new RegistryOptions { HostsDirectory = root }, ByDaemon)).Name
        );
    }

    [Fact]
    public async Task Unsupported_options_and_failures_of_the_daemon_are_named()
    {
        var space = fixture.Space();
        Assert.Equal(
            ErrorIds.TransferOptionNotSupported,
            (
                await Assert.ThrowsAsync<CtrNotSupportedException>(() =>
                    space.PullAsync("localhost:1/a", new RegistryOptions { SkipCertificateCheck = true }, ByDaemon)
                )
            ).ErrorId
        );
        Assert.Equal(
            ErrorIds.ImageNotFoundInRegistry,
            (
                await Assert.ThrowsAsync<CtrNotFoundException>(() => space.PullAsync($"{fixture.Registry.Host}/none/such", Plain, ByDaemon))
            ).ErrorId
        );
        Assert.Equal(
            ErrorIds.RegistryUnreachable,
            (
                await Assert.ThrowsAsync<CtrConnectionException>(() =>
                    space.PullAsync($"localhost:{TestRegistry.FreePort()}/a", Plain, ByDaemon)
                )
            ).ErrorId
        );
        await space.AssertEmptyAsync();
    }

    [Fact]
    public async Task A_cancelled_transfer_ends_and_leaves_nothing_running()
    {
        var space = fixture.Space();
        await using var proxy = new RegistryProxy(fixture.Registry.Port);
        var name = $"{proxy.Host}/{await fixture.PutAsync(space, RegistryFixture.Large(4 << 20))}";
        using var source = new CancellationTokenSource();
        proxy.Meddle = async request =>
        {
            if (!request.IsBlob)
                return false;
            await source.CancelAsync();
            return await request.HangAsync();
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            space.PullAsync(name, new RegistryOptions { PlainHttp = true }, ByDaemon, cancellationToken: source.Token)
        );
        Assert.Empty(await space.ImagesAsync());
        proxy.Meddle = null;
        await space.PullAsync(name);
    }

    private static LayoutBuilder Multi()
    {
        var builder = new LayoutBuilder();
        var salt = Guid.NewGuid().ToString();
        var manifests = new List<string> { "linux/amd64", "linux/arm64" }
            .Select(p => builder.Image(p, (LayoutBuilder.LayerTar("platform", Encoding.UTF8.GetBytes(p + salt)), "gzip")))
            .ToArray();
        return builder.Top("a", builder.IndexOf(manifests));
    }
}

/// <summary>For a daemon without the service, the error names the version that has it.</summary>
public sealed class NoDaemonTransferTests(ImageFixture fixture) : IClassFixture<ImageFixture>
{
    [Fact]
    public async Task Containerd_1_6_is_distinguished()
    {
        var error = await Assert.ThrowsAsync<CtrNotSupportedException>(() =>
            fixture.Space().PullAsync("localhost:1/a", new RegistryOptions(), new ImagePullOptions { Method = CtrTransferMethod.Daemon })
        );
        Assert.Equal(ErrorIds.TransferNotSupported, error.ErrorId);
        Assert.Contains("1.7", error.Remedy, StringComparison.Ordinal);
    }
}

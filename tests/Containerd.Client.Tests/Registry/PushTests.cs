using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Containerd.Client.Tests.Images;
using Containerd.Oci;
using Containerd.Testing;

namespace Containerd.Client.Tests.Registry;

/// <summary>Pushes to a real registry, read back by others.</summary>
public abstract class PushTests(RegistryFixture fixture)
{
    private static readonly string[] Platforms = ["linux/amd64", "linux/arm64", "linux/arm/v7"];

    [Fact]
    public async Task A_pushed_image_can_be_pulled_by_others_and_existing_content_is_not_sent_again()
    {
        var (ours, theirs) = (fixture.Space(), fixture.Space());
        var image = Assert.Single(await ours.ImportAsync(LayoutBuilder.Small("docker.io/library/small:1", Guid.NewGuid().ToString())));
        var name = $"{fixture.Registry.Host}/{RegistryFixture.NewRepository()}:2";

        var pushed = await PushAsync(ours, "small:1", name);
        Assert.Equal((name, image.Digest, 4, 0), (pushed.Destination, pushed.Digest, pushed.BlobsSent, pushed.BlobsPresent));
        Assert.True(pushed.BytesSent > 0);
        Assert.Equal([LayoutBuilder.HostPlatform], pushed.Platforms);
        Assert.Empty(pushed.OmittedPlatforms);
        Assert.EndsWith("@" + image.Digest, pushed.ToString(), StringComparison.Ordinal);

        await theirs.CtrAsync(["images", "pull", .. fixture.LocalPull, "--plain-http", name]);
        Assert.Contains(image.Digest, Assert.Single(await theirs.ImagesAsync()), StringComparison.Ordinal);
        await Shell.RunAsync(
            "skopeo",
            "--insecure-policy",
            "copy",
            "--src-tls-verify=false",
            "docker://" + name,
            "oci-archive:" + ours.File("back.tar")
        );

        var again = await PushAsync(ours, "small:1", name);
        Assert.Equal((0, 4, 0L), (again.BlobsSent, again.BlobsPresent, again.BytesSent));
        await ours.AssertFinishedAsync();
    }

    [Fact]
    public async Task The_digest_equals_that_of_a_push_with_ctr()
    {
        var space = fixture.Space();
        await space.CtrAsync("images", "import", await TestImages.BusyboxTarAsync());
        var (ours, theirs) = (RegistryFixture.NewRepository(), RegistryFixture.NewRepository());
        await PushAsync(space, TestImages.Busybox, $"{fixture.Registry.Host}/{ours}:1");
        await space.CtrAsync([
            "images",
            "push",
            .. fixture.LocalPush,
            "--plain-http",
            $"{fixture.Registry.Host}/{theirs}:1",
            TestImages.Busybox,
        ]);
        Assert.Equal(await fixture.Registry.InspectAsync(theirs + ":1"), await fixture.Registry.InspectAsync(ours + ":1"));
    }

    [Fact]
    public async Task All_local_platforms_are_pushed_unchanged()
    {
        var space = fixture.Space();
        var image = Assert.Single(await space.ImportAsync(Multi()));
        var repository = RegistryFixture.NewRepository();
        var pushed = await PushAsync(
            space,
            image.Name,
            $"{fixture.Registry.Host}/{repository}:1",
            new ImagePushOptions { AllPlatforms = true }
        );
        Assert.Equal(image.Digest, pushed.Digest);
        Assert.Equal(Platforms, pushed.Platforms);
        Assert.Equal(image.Digest, LayoutBuilder.Digest(Encoding.UTF8.GetBytes(await fixture.Registry.InspectAsync(repository + ":1"))));
    }

    [Fact]
    public async Task Local_or_selected_platforms_of_several_are_pushed()
    {
        var (space, other) = (fixture.Space(), fixture.Space());
        Assert.Single(await other.ImportAsync(Multi()));
        var source = $"{fixture.Registry.Host}/{RegistryFixture.NewRepository()}:1";
        await PushAsync(other, "multi:1", source);
        await space.PullAsync(source);

        // One of three: its own manifest.
        var repository = RegistryFixture.NewRepository();
        var one = await PushAsync(space, source, $"{fixture.Registry.Host}/{repository}:1");
        Assert.Equal([LayoutBuilder.HostPlatform], one.Platforms);
        Assert.Equal(2, one.OmittedPlatforms.Length);
        Assert.Equal(
            (await space.Namespace.Images.ResolveAsync(source, null, TestContext.Current.CancellationToken)).ManifestDigest,
            one.Digest
        );
        Assert.NotNull(JsonNode.Parse(await fixture.Registry.InspectAsync(repository + ":1"))!["config"]);

        // All platforms, or one that does not exist locally, is an error, and nothing is pushed.
        foreach (
            var options in new[]
            {
                new ImagePushOptions { AllPlatforms = true },
                new ImagePushOptions { Platforms = ["linux/arm64"] },
            }
        )
        {
            Assert.Equal(
                ErrorIds.ImageIncomplete,
                (
                    await Assert.ThrowsAsync<CtrDataException>(() =>
                        PushAsync(space, source, $"{fixture.Registry.Host}/{repository}:2", options)
                    )
                ).ErrorId
            );
        }

        Assert.Equal(
            ErrorIds.PlatformNotAvailable,
            (
                await Assert.ThrowsAsync<CtrNotFoundException>(() =>
                    PushAsync(
                        space,
                        source,
                        $"{fixture.Registry.Host}/{repository}:2",
                        new ImagePushOptions { Platforms = ["linux/s390x"] }
                    )
                )
            ).ErrorId
        );

        // Two of three: a shorter index, which other clients can read.
        var two = await PushAsync(
            other,
            "multi:1",
            $"{fixture.Registry.Host}/{repository}:3",
            new ImagePushOptions { Platforms = ["linux/arm64", "linux/amd64"] }
        );
        var index = await fixture.Registry.InspectAsync(repository + ":3");
        Assert.Equal(two.Digest, LayoutBuilder.Digest(Encoding.UTF8.GetBytes(index)));
        Assert.Equal(2, JsonNode.Parse(index)!["manifests"]!.AsArray().Count);
        await fixture
            .Space()
            .CtrAsync([
                "images",
                "pull",
                .. fixture.LocalPull,
                "--plain-http",
                "--platform",
                "linux/arm64",
                $"{fixture.Registry.Host}/{repository}:3",
            ]);
    }

    [Fact]
    public async Task Blobs_of_another_repository_of_the_same_registry_are_mounted()
    {
        var space = fixture.Space();
        await using var proxy = new RegistryProxy(fixture.Registry.Port);
        var source = $"{proxy.Host}/{await fixture.PutAsync(space, RegistryFixture.Large(1 << 20))}";
        await space.PullAsync(source);
        proxy.Requests.Clear();
        var pushed = await PushAsync(space, source, $"{proxy.Host}/{RegistryFixture.NewRepository()}:1");
        Assert.Equal((2, 0, 0L), (pushed.BlobsMounted, pushed.BlobsSent, pushed.BytesSent));
        Assert.DoesNotContain(proxy.Requests, r => r.Method == "PUT" && r.Path.Contains("/blobs/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Missing_local_content_is_reported_before_anything_is_sent()
    {
        var space = fixture.Space();
        await space.ImportAsync(LayoutBuilder.Small("docker.io/library/gone:1", Guid.NewGuid().ToString()));
        var layer = (await space.ContentAsync()).First(c => c.Contains("uncompressed", StringComparison.Ordinal)).Split(' ')[0];
        await space.CtrAsync("content", "rm", layer);
        await using var proxy = new RegistryProxy(fixture.Registry.Port);
        var error = await Assert.ThrowsAsync<CtrDataException>(() =>
            PushAsync(space, "gone:1", $"{proxy.Host}/{RegistryFixture.NewRepository()}:1")
        );
        Assert.Equal(ErrorIds.ImageIncomplete, error.ErrorId);
        Assert.Empty(proxy.Requests);
        Assert.Equal(
            ErrorIds.ImageNotFound,
            (await Assert.ThrowsAsync<CtrNotFoundException>(() => PushAsync(space, "none", $"{proxy.Host}/a:1"))).ErrorId
        );
    }

    [Fact]
    public async Task Damaged_content_is_found_before_the_registry_has_an_image_with_it()
    {
        var space = fixture.Space();
        var image = await space.Namespace.Images.DetailAsync(
            Assert.Single(await space.ImportAsync(RegistryFixture.Large(3 << 20))),
            null,
            TestContext.Current.CancellationToken
        );
        var layer = Assert.Single(image.Layers).Digest;
        var file = Path.Combine(fixture.Daemon.Daemon.Path, "root", "io.containerd.content.v1.content", "blobs", "sha256", layer[7..]);
        await using (var blob = File.OpenWrite(file))
        {
            blob.Position = 1 << 20;
            blob.Write("something else"u8);
        }

        await using var proxy = new RegistryProxy(fixture.Registry.Port);
        var error = await Assert.ThrowsAsync<CtrDataException>(() =>
            PushAsync(space, image.Name, $"{proxy.Host}/{RegistryFixture.NewRepository()}:1")
        );
        Assert.Equal((ErrorIds.DigestMismatch, layer), (error.ErrorId, error.Subject));
        Assert.DoesNotContain(proxy.Requests, r => r.Method == "PUT" && r.Path.Contains("/manifests/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("POST", "503 Service Unavailable")]
    [InlineData("PUT", "500 Internal Server Error")]
    [InlineData("PUT", "cut")]
    [InlineData("HEAD", "429 Too Many Requests")]
    public async Task A_request_to_a_registry_that_fails_once_is_retried(string method, string how)
    {
        var space = fixture.Space();
        await space.ImportAsync(RegistryFixture.Large(1 << 20), new ImageImportOptions { Name = "large:1" });
        await using var proxy = new RegistryProxy(fixture.Registry.Port);
        var done = 0;
        proxy.Meddle = request =>
            request.Method != method || Interlocked.Exchange(ref done, 1) > 0 ? Task.FromResult(false)
            : how == "cut" ? Task.FromResult(true)
            : request.SayAsync(how);
        var repository = RegistryFixture.NewRepository();
        var pushed = await PushAsync(space, "large:1", $"{proxy.Host}/{repository}:1");
        Assert.Equal(pushed.Digest, LayoutBuilder.Digest(Encoding.UTF8.GetBytes(await fixture.Registry.InspectAsync(repository + ":1"))));
    }

    [Theory]
    [InlineData("hang", ErrorIds.RegistryTimedOut)]
    [InlineData("403 Forbidden", ErrorIds.RegistryAccessDenied)]
    [InlineData("401 Unauthorized", ErrorIds.AuthenticationRequired)]
    [InlineData("404 Not Found", ErrorIds.RepositoryNotFound)]
    [InlineData("507 Insufficient Storage", ErrorIds.RegistryRefused)]
    public async Task A_registry_that_accepts_nothing_is_an_error_and_the_tag_does_not_exist(string how, string error)
    {
        var space = fixture.Space();
        await space.ImportAsync(LayoutBuilder.Small("docker.io/library/small:1", Guid.NewGuid().ToString()));
        await using var proxy = new RegistryProxy(fixture.Registry.Port);
        proxy.Meddle = request =>
            request.Method != "POST" ? Task.FromResult(false)
            : how == "hang" ? request.HangAsync()
            : request.SayAsync(how);
        var repository = RegistryFixture.NewRepository();
        var thrown = await Assert.ThrowsAnyAsync<CtrException>(() =>
            space.Namespace.Images.PushAsync(
                "small:1",
                new ImagePushOptions
                {
                    Destination = $"{proxy.Host}/{repository}:1",
                    Registry = new RegistryOptions
                    {
                        Timeout = TimeSpan.FromSeconds(1),
                        RetryDelay = Pulls.Quick.RetryDelay,
                        DockerConfigDirectory = "/nonexistent",
                    },
                }
            )
        );
        Assert.Equal(error, thrown.ErrorId);
        Assert.NotEqual(
            0,
            (
                await Shell.TryAsync("skopeo", "inspect", "--raw", "--tls-verify=false", $"docker://{fixture.Registry.Host}/{repository}:1")
            ).Code
        );
        await space.AssertFinishedAsync();
        await PushAsync(space, "small:1", $"{fixture.Registry.Host}/{repository}:1");
    }

    [Fact]
    public async Task A_cancelled_push_leaves_no_lease_and_the_next_one_succeeds()
    {
        var space = fixture.Space();
        await space.ImportAsync(RegistryFixture.Large(16 << 20), new ImageImportOptions { Name = "large:1" });
        var name = $"{fixture.Registry.Host}/{RegistryFixture.NewRepository()}:1";
        using var source = new CancellationTokenSource();
        var watch = new Watch(p =>
        {
            if (p.Total > 1 << 20 && p.Done > 2 << 20)
                source.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            space.Namespace.Images.PushAsync(
                "large:1",
                new ImagePushOptions { Destination = name, Registry = Pulls.Quick },
                watch,
                source.Token
            )
        );
        await space.AssertFinishedAsync();
        await PushAsync(space, "large:1", name);
    }

    [Fact]
    public async Task A_destination_with_a_digest_must_be_that_image()
    {
        var space = fixture.Space();
        var image = Assert.Single(await space.ImportAsync(LayoutBuilder.Small("docker.io/library/small:1", Guid.NewGuid().ToString())));
        var repository = $"{fixture.Registry.Host}/{RegistryFixture.NewRepository()}";
        Assert.Equal(
            ErrorIds.DigestConflict,
            (
                await Assert.ThrowsAsync<CtrArgumentException>(() =>
                    PushAsync(space, "small:1", $"{repository}@sha256:{new string('a', 64)}")
                )
            ).ErrorId
        );
        Assert.Equal(image.Digest, (await PushAsync(space, "small:1", $"{repository}@{image.Digest}")).Digest);
        Assert.Equal(image.Digest, (await fixture.Space().PullAsync($"{repository}@{image.Digest}")).Digest);
    }

    [Fact]
    public async Task Credentials_are_required_if_the_registry_requires_them()
    {
        var space = fixture.Space();
        await using var registry = await TestRegistry.StartAsync(new TestRegistryOptions { Basic = true });
        await space.ImportAsync(LayoutBuilder.Small("docker.io/library/small:1"));
        Assert.Equal(
            ErrorIds.AuthenticationRequired,
            (await Assert.ThrowsAsync<CtrPermissionException>(() => PushAsync(space, "small:1", $"{registry.Host}/a:1"))).ErrorId
        );
        var options = new RegistryOptions
        {
            Credential = new NetworkCredential(TestRegistry.User, TestRegistry.Password),
            RetryDelay = Pulls.Quick.RetryDelay,
        };
        await space.Namespace.Images.PushAsync(
            "small:1",
            new ImagePushOptions { Destination = $"{registry.Host}/a:1", Registry = options },
            null,
            TestContext.Current.CancellationToken
        );
    }

    private static LayoutBuilder Multi()
    {
        var builder = new LayoutBuilder();
        var salt = Guid.NewGuid().ToString();
        var manifests = Platforms
            .Select(p => builder.Image(p, (LayoutBuilder.LayerTar("platform", Encoding.UTF8.GetBytes(p + salt)), "gzip")))
            .ToArray();
        return builder.Top("docker.io/library/multi:1", builder.IndexOf(manifests));
    }

    private static Task<CtrImagePush> PushAsync(ImageSpace space, string name, string destination, ImagePushOptions? options = null) =>
        space.Namespace.Images.PushAsync(
            name,
            new ImagePushOptions
            {
                Destination = destination,
                Registry = Pulls.Quick,
                AllPlatforms = options?.AllPlatforms ?? false,
                Platforms = options?.Platforms ?? [],
            },
            null,
            TestContext.Current.CancellationToken
        );
}

public sealed class BookwormPushTests(RegistryFixture fixture) : PushTests(fixture), IClassFixture<RegistryFixture>;

public sealed class SidPushTests(SidRegistryFixture fixture) : PushTests(fixture), IClassFixture<SidRegistryFixture>;

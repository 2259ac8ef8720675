using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Containerd.Client.Tests.Images;
using Containerd.Testing;

namespace Containerd.Client.Tests.Registry;

/// <summary>A digest in a name is compared with the content, for each algorithm and each way to create the name.</summary>
public sealed class PinTests(SidImageFixture fixture) : IClassFixture<SidImageFixture>
{
    private static readonly string Wrong = "sha512:" + string.Concat(Enumerable.Repeat("ab", 64));

    [Fact]
    public async Task A_sha512_pin_is_verified_before_anything_is_stored()
    {
        var space = fixture.Space();
        await using var registry = new FakeRegistry(LayoutBuilder.Small("x"));

        var error = await Assert.ThrowsAsync<CtrDataException>(() => space.PullAsync($"{registry.Host}/any/x@{Wrong}"));
        Assert.Equal(ErrorIds.DigestMismatch, error.ErrorId);
        Assert.Empty(await space.ImagesAsync());
        Assert.Empty(await space.ContentAsync());
        Assert.DoesNotContain(registry.Asked, p => p.Contains("/blobs/", StringComparison.Ordinal));

        var right = $"{registry.Host}/any/x@{registry.Pin}";
        var image = await space.PullAsync(right);
        Assert.Equal((right, registry.Digest), (image.Name, image.Digest));
        await space.AssertFinishedAsync();
        Assert.Equal(right, (await space.Namespace.Images.ResolveAsync(right, null, TestContext.Current.CancellationToken)).Name);
    }

    [Fact]
    public async Task A_descriptor_with_another_algorithm_is_refused_before_its_blobs_are_fetched()
    {
        var space = fixture.Space();
        var layout = new LayoutBuilder();
        var layer = layout.Blob(LayoutBuilder.Layer, LayoutBuilder.LayerTar("a", "hello"u8.ToArray()));
        layer["digest"] = Wrong;
        var config = layout.Blob(LayoutBuilder.Config, new JsonObject { ["os"] = "linux", ["architecture"] = "amd64" });
        layout.Top(
            "x",
            layout.Blob(
                LayoutBuilder.Manifest,
                new JsonObject
                {
                    ["schemaVersion"] = 2,
                    ["mediaType"] = LayoutBuilder.Manifest,
                    ["config"] = config,
                    ["layers"] = new JsonArray(layer),
                }
            )
        );
        await using var registry = new FakeRegistry(layout);

        var error = await Assert.ThrowsAsync<CtrDataException>(() => space.PullAsync($"{registry.Host}/any/x:1"));

        Assert.Equal(ErrorIds.DigestAlgorithmNotSupported, error.ErrorId);
        Assert.DoesNotContain(registry.Asked, p => p.Contains("/blobs/", StringComparison.Ordinal));
        await space.AssertFinishedAsync();
    }

    [Fact]
    public async Task The_daemon_s_own_transfer_is_not_used_for_a_digest_that_it_would_not_verify()
    {
        var space = fixture.Space();
        await using var registry = new FakeRegistry(LayoutBuilder.Small("x"));
        var name = $"{registry.Host}/any/x@{registry.Pin}";
        var error = await Assert.ThrowsAsync<CtrNotSupportedException>(() =>
            space.PullAsync(name, options: new ImagePullOptions { Method = CtrTransferMethod.Daemon })
        );
        Assert.Equal(ErrorIds.DigestAlgorithmNotSupported, error.ErrorId);
        await space.ImportAsync(LayoutBuilder.Small("docker.io/library/x:1"));
        error = await Assert.ThrowsAsync<CtrNotSupportedException>(() =>
            space.Namespace.Images.PushAsync(
                "x:1",
                new ImagePushOptions { Method = CtrTransferMethod.Daemon, Destination = name },
                null,
                TestContext.Current.CancellationToken
            )
        );
        Assert.Equal(ErrorIds.DigestAlgorithmNotSupported, error.ErrorId);
        Assert.Empty(registry.Asked);
    }

    [Fact]
    public async Task A_push_to_a_digest_sends_the_image_with_that_digest_or_nothing()
    {
        var space = fixture.Space();
        var layout = LayoutBuilder.Small("docker.io/library/x:1");
        await using var registry = new FakeRegistry(layout);
        await space.ImportAsync(layout);
        Task<CtrImagePush> PushAsync(string pin) =>
            space.Namespace.Images.PushAsync(
                "x:1",
                new ImagePushOptions { Registry = Pulls.Quick, Destination = $"{registry.Host}/any/x@{pin}" },
                null,
                TestContext.Current.CancellationToken
            );

        Assert.Equal(ErrorIds.DigestConflict, (await Assert.ThrowsAsync<CtrArgumentException>(() => PushAsync(Wrong))).ErrorId);
        Assert.Empty(registry.Asked);
        Assert.Equal(registry.Digest, (await PushAsync(registry.Pin)).Digest);
        Assert.Contains($"PUT /v2/any/x/manifests/{registry.Pin}", registry.Asked);
    }

    [Fact]
    public async Task No_image_gets_a_name_with_the_digest_of_another_one()
    {
        var space = fixture.Space();
        var layout = LayoutBuilder.Small("docker.io/library/x:1");
        await using var registry = new FakeRegistry(layout);
        await space.ImportAsync(layout);
        var cancellationToken = TestContext.Current.CancellationToken;
        foreach (var pin in new[] { Wrong, "sha256:" + new string('a', 64) })
        {
            var name = "docker.io/library/x@" + pin;
            Assert.Equal(
                ErrorIds.DigestConflict,
                (
                    await Assert.ThrowsAsync<CtrArgumentException>(() =>
                        space.Namespace.Scope.ImageNames.RequireFreeAsync(name, registry.Digest, force: true, cancellationToken)
                    )
                ).ErrorId
            );
            Assert.Equal(
                ErrorIds.DigestMismatch,
                (await Assert.ThrowsAsync<CtrDataException>(() => space.ImportAsync(LayoutBuilder.Small(name)))).ErrorId
            );

            // Any client can do it; then it is not used.
            await space.CtrAsync("images", "tag", "docker.io/library/x:1", name);
            Assert.Equal(
                ErrorIds.DigestMismatch,
                (
                    await Assert.ThrowsAsync<CtrDataException>(() => space.Namespace.Images.ResolveAsync(name, null, cancellationToken))
                ).ErrorId
            );
        }

        await space.Namespace.Scope.ImageNames.RequireFreeAsync(
            "docker.io/library/x@" + registry.Pin,
            registry.Digest,
            force: false,
            cancellationToken
        );
    }

    /// <summary>A registry that returns the same image for each digest.</summary>
    private sealed class FakeRegistry : IAsyncDisposable
    {
        private readonly RegistryProxy _proxy = new();

        public FakeRegistry(LayoutBuilder layout)
        {
            var blobs = layout
                .Files.Where(f => f.Name.StartsWith("blobs/", StringComparison.Ordinal))
                .ToDictionary(f => "sha256:" + f.Name[13..], f => f.Data);
            var top = JsonNode.Parse(layout.Files.Single(f => f.Name == "index.json").Data)!["manifests"]![0]!;
            Digest = (string)top["digest"]!;
            var manifest = blobs[Digest];
            Pin = "sha512:" + Convert.ToHexString(SHA512.HashData(manifest)).ToLowerInvariant();
            _proxy.Meddle = exchange =>
            {
                var what = exchange.Path[(exchange.Path.LastIndexOf('/') + 1)..];
                return exchange.Method switch
                {
                    "PUT" => exchange.SayAsync("201 Created"),
                    "HEAD" when exchange.Path.Contains("/blobs/", StringComparison.Ordinal) => exchange.SayAsync("200 OK"),
                    _ when exchange.Path.Contains("/manifests/", StringComparison.Ordinal) => exchange.SayAsync(
                        "200 OK",
                        $"Content-Type: {(string)top["mediaType"]!}\r\nContent-Length: {manifest.Length}\r\n",
                        manifest
                    ),
                    _ => blobs.TryGetValue(what, out var blob)
                        ? exchange.SayAsync("200 OK", body: blob)
                        : exchange.SayAsync("404 Not Found"),
                };
            };
        }

        public string Host => _proxy.Host;

        public string Digest { get; }

        public string Pin { get; }

        public IEnumerable<string> Asked => _proxy.Requests.Select(r => $"{r.Method} {r.Path}");

        public ValueTask DisposeAsync() => _proxy.DisposeAsync();
    }
}

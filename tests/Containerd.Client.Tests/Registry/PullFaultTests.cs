using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Containerd.Client.Tests.Images;
using Containerd.Oci;
using Containerd.Testing;

namespace Containerd.Client.Tests.Registry;

/// <summary>
/// Faults of registries and proxies: a clear error, no image name, and the next attempt succeeds.
/// </summary>
public sealed class PullFaultTests(RegistryFixture fixture) : IClassFixture<RegistryFixture>
{
    private static readonly RegistryOptions Impatient = new()
    {
        Timeout = TimeSpan.FromSeconds(1),
        RetryDelay = TimeSpan.FromMilliseconds(5),
        DockerConfigDirectory = "/nonexistent",
    };

    public enum Fault
    {
        FlippedByte,
        ShortBody,
        LongBody,
        WrongLength,
        MissingLayer,
        CutEachTime,
        StallsEachTime,
        Trickles,
        NeverAnswers,
        RedirectLoop,
        RedirectNowhere,
        RedirectToNoPort,
        RedirectToNoAddress,
        ServerError,
        HugeManifest,
        WrongManifest,
        NoJson,
        SchemaOne,
        Teapot,
    }

    [Theory]
    [InlineData(Fault.FlippedByte, ErrorIds.DigestMismatch)]
    [InlineData(Fault.ShortBody, ErrorIds.LengthMismatch)]
    [InlineData(Fault.LongBody, ErrorIds.LengthMismatch)]
    [InlineData(Fault.WrongLength, ErrorIds.LengthMismatch)]
    [InlineData(Fault.MissingLayer, ErrorIds.ContentNotFoundInRegistry)]
    [InlineData(Fault.CutEachTime, ErrorIds.RegistryUnreachable)]
    [InlineData(Fault.StallsEachTime, ErrorIds.RegistryTimedOut)]
    [InlineData(Fault.Trickles, ErrorIds.RegistryTimedOut)]
    [InlineData(Fault.NeverAnswers, ErrorIds.RegistryTimedOut)]
    [InlineData(Fault.RedirectLoop, ErrorIds.RegistryRedirectInvalid)]
    [InlineData(Fault.RedirectNowhere, ErrorIds.RegistryRedirectInvalid)]
    [InlineData(Fault.RedirectToNoPort, ErrorIds.RegistryRedirectInvalid)]
    [InlineData(Fault.RedirectToNoAddress, ErrorIds.RegistryRedirectInvalid)]
    [InlineData(Fault.ServerError, ErrorIds.RegistryUnavailable)]
    [InlineData(Fault.HugeManifest, ErrorIds.ManifestTooLarge)]
    [InlineData(Fault.WrongManifest, ErrorIds.DigestMismatch)]
    [InlineData(Fault.NoJson, ErrorIds.ManifestInvalid)]
    [InlineData(Fault.SchemaOne, ErrorIds.ManifestSchema1)]
    [InlineData(Fault.Teapot, ErrorIds.RegistryRefused)]
    public async Task A_failure_is_named_and_the_next_attempt_succeeds(Fault fault, string error)
    {
        var space = fixture.Space();
        await using var proxy = new RegistryProxy(fixture.Registry.Port);
        var name = $"{proxy.Host}/{await fixture.PutAsync(space, RegistryFixture.Large(2 << 20))}";
        proxy.Meddle = request => MeddleAsync(fault, request, proxy);

        var clock = Stopwatch.StartNew();
        var thrown = await Assert.ThrowsAnyAsync<CtrException>(() => space.PullAsync(name, Impatient));

        // The timeout for silence is one second, and there are at most five attempts.
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(fault is Fault.StallsEachTime or Fault.Trickles ? 20 : 10));
        Assert.Equal(error, thrown.ErrorId);
        Assert.DoesNotContain("secret", thrown.ToString(), StringComparison.Ordinal);
        Assert.Empty(await space.ImagesAsync());
        Assert.True((await space.UnfinishedAsync()).Leases.Count <= 1);
        Assert.InRange(proxy.Requests.Count, 1, 40);

        proxy.Meddle = null;
        await space.PullAsync(name);
        await space.AssertWholeAsync();
    }

    [Fact]
    public async Task A_connection_that_breaks_repeatedly_is_resumed_where_it_broke()
    {
        var space = fixture.Space();
        await using var proxy = new RegistryProxy(fixture.Registry.Port);
        var name = $"{proxy.Host}/{await fixture.PutAsync(space, RegistryFixture.Large(6 << 20))}";

        // 1.5 MiB at a time.
        proxy.Meddle = request => request.IsBlob ? request.ForwardAsync(3 << 19) : Task.FromResult(false);
        await space.PullAsync(name);

        var ranges = proxy.Requests.Where(r => r.IsBlob && r.Headers.ContainsKey("range")).Select(r => r.Headers["range"]).ToList();
        Assert.InRange(ranges.Count, 3, 8);
        Assert.Equal(ranges.Order(StringComparer.Ordinal), ranges);
        await space.AssertFinishedAsync();
    }

    [Fact]
    public async Task A_registry_without_ranges_works_too()
    {
        var space = fixture.Space();
        await using var proxy = new RegistryProxy(fixture.Registry.Port);
        var name = $"{proxy.Host}/{await fixture.PutAsync(space, RegistryFixture.Large(3 << 20))}";
        var cut = 0;
        proxy.Meddle = async request =>
        {
            if (!request.IsBlob)
                return false;
            request.Headers.Remove("range");
            if (Interlocked.Increment(ref cut) > 2)
                return false;
            return await request.ForwardAsync(2 << 20);
        };
        await space.PullAsync(name);
        await space.AssertFinishedAsync();
    }

    [Theory]
    [InlineData("429 Too Many Requests", "Retry-After: 1\r\n")]
    [InlineData("503 Service Unavailable", "")]
    [InlineData("500 Internal Server Error", "")]
    [InlineData("502 Bad Gateway", "")]
    public async Task A_request_to_a_busy_registry_is_retried(string status, string headers)
    {
        var space = fixture.Space();
        await using var proxy = new RegistryProxy(fixture.Registry.Port);
        var name = $"{proxy.Host}/{await fixture.PutAsync(space, LayoutBuilder.Small("a"))}";
        var seen = new HashSet<string>();
        proxy.Meddle = request =>
        {
            bool first;
            lock (seen)
                first = seen.Add(request.Method + request.Path);
            return first ? request.SayAsync(status, headers) : Task.FromResult(false);
        };
        await space.PullAsync(name);
        await space.AssertFinishedAsync();
    }

    [Fact]
    public async Task A_registry_that_requires_a_long_delay_is_not_awaited()
    {
        var space = fixture.Space();
        await using var proxy = new RegistryProxy(fixture.Registry.Port);
        var name = $"{proxy.Host}/{await fixture.PutAsync(space, LayoutBuilder.Small("a"))}";
        proxy.Meddle = request =>
            request.SayAsync(
                "429 Too Many Requests",
                "Retry-After: 3600\r\n",
                """{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}"""u8.ToArray()
            );
        var error = await Assert.ThrowsAsync<CtrConnectionException>(() => space.PullAsync(name));
        Assert.Equal(ErrorIds.RegistryRateLimited, error.ErrorId);
        Assert.Contains("slow down", error.Message, StringComparison.Ordinal);
        await space.AssertEmptyAsync();
    }

    [Fact]
    public async Task A_missing_image_repository_registry_and_host_are_distinguished()
    {
        var space = fixture.Space();
        var name = await fixture.PutAsync(space, LayoutBuilder.Small("a"));
        Assert.Equal(
            ErrorIds.ImageNotFoundInRegistry,
            (await Assert.ThrowsAsync<CtrNotFoundException>(() => space.PullAsync($"{fixture.Registry.Host}/{name}2"))).ErrorId
        );
        Assert.Equal(
            ErrorIds.ImageNotFoundInRegistry,
            (await Assert.ThrowsAsync<CtrNotFoundException>(() => space.PullAsync($"{fixture.Registry.Host}/none/such"))).ErrorId
        );
        Assert.Equal(
            ErrorIds.RegistryUnreachable,
            (await Assert.ThrowsAsync<CtrConnectionException>(() => space.PullAsync($"localhost:{TestRegistry.FreePort()}/a"))).ErrorId
        );
        Assert.Equal(
            ErrorIds.RegistryUnreachable,
            (await Assert.ThrowsAsync<CtrConnectionException>(() => space.PullAsync("registry.invalid/a"))).ErrorId
        );
        Assert.Equal(
            ErrorIds.InvalidImageName,
            (await Assert.ThrowsAsync<CtrArgumentException>(() => space.PullAsync("localhost/UPPER"))).ErrorId
        );
        await space.AssertEmptyAsync();
    }

    [Fact]
    public async Task A_manifest_whose_list_is_wrong_about_a_layer_is_rejected()
    {
        var space = fixture.Space();
        await using var proxy = new RegistryProxy(fixture.Registry.Port);
        var repository = RegistryFixture.NewRepository();
        await fixture.PutAsync(space, LayoutBuilder.Small("a", repository), repository + ":1");
        var manifest = JsonNode.Parse(await fixture.Registry.InspectAsync(repository + ":1"))!;
        manifest["layers"]![0]!["size"] = (long)manifest["layers"]![0]!["size"]! + 7;
        var lying = Encoding.UTF8.GetBytes(manifest.ToJsonString());
        proxy.Meddle = request =>
            request.Path.EndsWith("manifests/1", StringComparison.Ordinal)
            || request.Path.EndsWith(LayoutBuilder.Digest(lying), StringComparison.Ordinal)
                ? request.SayAsync(
                    "200 OK",
                    $"Content-Type: {LayoutBuilder.Manifest}\r\nDocker-Content-Digest: {LayoutBuilder.Digest(lying)}\r\n",
                    lying
                )
                : Task.FromResult(false);
        Assert.Equal(
            ErrorIds.LengthMismatch,
            (await Assert.ThrowsAsync<CtrDataException>(() => space.PullAsync($"{proxy.Host}/{repository}:1"))).ErrorId
        );
        Assert.Empty(await space.ImagesAsync());
    }

    private static async Task<bool> MeddleAsync(Fault fault, ProxyExchange request, RegistryProxy proxy)
    {
        var layer = request.IsBlob && await IsLayerAsync(request);
        var manifest = request.Path.Contains("/manifests/", StringComparison.Ordinal);
        switch (fault)
        {
            case Fault.FlippedByte when layer:
                var flipped = await request.FetchAsync();
                flipped[^1] ^= 1;
                await request.Client.WriteAsync(flipped);
                return true;
            case Fault.ShortBody when layer:
                // It looks like the end of the data, because chunks have no total length.
                var body = Body(await request.FetchAsync());
                await request.Client.WriteAsync(
                    Encoding.Latin1.GetBytes(
                        $"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{body.Length / 2:x}\r\n"
                    )
                );
                await request.Client.WriteAsync(body.AsMemory(0, body.Length / 2));
                await request.Client.WriteAsync("\r\n0\r\n\r\n"u8.ToArray());
                return true;
            case Fault.LongBody when layer:
                var longer = Body(await request.FetchAsync());
                await request.Client.WriteAsync(
                    Encoding.Latin1.GetBytes(
                        $"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{longer.Length + 3:x}\r\n"
                    )
                );
                await request.Client.WriteAsync(longer);
                await request.Client.WriteAsync("xxx\r\n0\r\n\r\n"u8.ToArray());
                return true;
            case Fault.WrongLength when layer:
                return await request.SayAsync("200 OK", "", [.. Body(await request.FetchAsync()), 1, 2, 3]);
            case Fault.MissingLayer when layer:
                return await request.SayAsync(
                    "404 Not Found",
                    "",
                    """{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown"}]}"""u8.ToArray()
                );
            case Fault.CutEachTime when layer:
                return await request.ForwardAsync(1000);
            case Fault.StallsEachTime when layer:
                await request.ForwardAsync(1000);
                return await request.HangAsync();
            case Fault.Trickles when layer:
                await request.ForwardAsync(1000);
                // One byte at a time, without a pause that is long enough for the timeout.
                while (true)
                {
                    await request.Client.WriteAsync("x"u8.ToArray());
                    await request.Client.FlushAsync();
                    await Task.Delay(50);
                }

            case Fault.NeverAnswers:
                return await request.HangAsync();
            case Fault.RedirectLoop when layer:
                return await request.SayAsync(
                    "302 Found",
                    $"Location: http://{proxy.Host}{request.Path.Split('?')[0]}?again={Guid.NewGuid():N}&token=secret\r\n"
                );
            case Fault.RedirectNowhere when layer:
                return await request.SayAsync("302 Found", "Location: file:///etc/passwd\r\n");
            case Fault.RedirectToNoPort when layer:
                return await request.SayAsync("302 Found", "Location: //localhost:99999/x\r\n");
            case Fault.RedirectToNoAddress when layer:
                return await request.SayAsync("302 Found", "Location: http://localhost:99999/x\r\n");
            case Fault.ServerError when layer:
                return await request.SayAsync("500 Internal Server Error");
            case Fault.HugeManifest when manifest:
                return await request.SayAsync("200 OK", $"Content-Type: {LayoutBuilder.Manifest}\r\n", new byte[10 << 20]);
            case Fault.WrongManifest when manifest && request.Method == "GET":
                return await request.SayAsync(
                    "200 OK",
                    $"Content-Type: {LayoutBuilder.Manifest}\r\n",
                    Body(await request.FetchAsync()).Select((b, i) => i == 1 ? (byte)' ' : b).ToArray()
                );
            case Fault.NoJson when manifest:
                return await request.SayAsync(
                    "200 OK",
                    $"Content-Type: {LayoutBuilder.Manifest}\r\n",
                    "<html>please log in</html>"u8.ToArray()
                );
            case Fault.SchemaOne when manifest:
                return await request.SayAsync(
                    "200 OK",
                    "Content-Type: application/vnd.docker.distribution.manifest.v1+prettyjws\r\n",
                    """{"schemaVersion":1,"fsLayers":[]}"""u8.ToArray()
                );
            case Fault.Teapot when manifest:
                return await request.SayAsync("418 I'm a teapot");
            default:
                return false;
        }
    }

    private static async Task<bool> IsLayerAsync(ProxyExchange request) => Body(await request.FetchAsync()).Length > 1 << 16;

    private static byte[] Body(byte[] answer) => answer[(answer.AsSpan().IndexOf("\r\n\r\n"u8) + 4)..];
}

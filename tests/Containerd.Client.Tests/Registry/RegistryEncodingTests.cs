using System.IO.Compression;
using System.Text;
using Containerd.Client.Tests.Images;
using Containerd.Testing;

namespace Containerd.Client.Tests.Registry;

/// <summary>Registries and proxies that encode their answers (RFC 9110, section 8.4), requested or not.</summary>
public sealed class RegistryEncodingTests(RegistryFixture fixture) : IClassFixture<RegistryFixture>
{
    public static TheoryData<string, bool> Encodings =>
        new()
        {
            { "gzip", true },
            { "gzip", false },
            { "X-GZIP", true },
            { "deflate", true },
            { "raw deflate", false },
            { "zstd", true },
            { "br", false },
            { "identity", true },
            { "gzip, zstd", true },
        };

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task An_encoded_answer_is_decoded_before_its_digest_is_compared(string encoding, bool withLength)
    {
        var space = fixture.Space();
        await using var proxy = new RegistryProxy(fixture.Registry.Port);
        var name = $"{proxy.Host}/{await fixture.PutAsync(space, LayoutBuilder.Small("small", Guid.NewGuid().ToString()))}";
        proxy.Meddle = async request =>
        {
            await SayAsync(
                request,
                await request.FetchAsync(),
                encoding.Replace("raw ", "", StringComparison.Ordinal),
                body => Encode(body, encoding),
                withLength
            );
            return true;
        };
        await space.PullAsync(name);
        await space.AssertWholeAsync();
        Assert.All(proxy.Requests, r => Assert.Equal("identity", r.Headers["accept-encoding"]));
    }

    [Fact]
    public async Task A_header_that_names_the_compression_of_the_layer_itself_does_not_decode_it()
    {
        var space = fixture.Space();
        await using var proxy = new RegistryProxy(fixture.Registry.Port);
        var name = $"{proxy.Host}/{await fixture.PutAsync(space, LayoutBuilder.Small("small", Guid.NewGuid().ToString()))}";
        // Some servers declare gzip because of the file name extension .tar.gz; here it is also declared for JSON.
        foreach (var withLength in new[] { true, false })
        {
            proxy.Meddle = async request =>
            {
                await SayAsync(request, await request.FetchAsync(), "gzip", body => body, withLength);
                return true;
            };
            await space.PullAsync(name);
            await space.AssertWholeAsync();
            await space.Namespace.Images.RemoveAsync(name, cancellationToken: TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_part_of_an_encoded_response_is_not_appended_to_earlier_data()
    {
        var space = fixture.Space();
        await using var proxy = new RegistryProxy(fixture.Registry.Port);
        var name = $"{proxy.Host}/{await fixture.PutAsync(space, RegistryFixture.Large(2 << 20))}";
        var cuts = 0;
        proxy.Meddle = async request =>
        {
            if (!request.IsBlob)
                return false;
            var answer = await request.FetchAsync();
            if (answer.Length > 1 << 20 && Interlocked.Increment(ref cuts) == 1)
                return await request.ForwardAsync(1 << 20);
            await SayAsync(request, answer, "gzip", body => Encode(body, "gzip"), withLength: true);
            return true;
        };
        await space.PullAsync(name);
        Assert.Contains(proxy.Requests, r => r.Headers.ContainsKey("range"));
        await space.AssertWholeAsync();
    }

    [Fact]
    public async Task An_unknown_encoding_is_named()
    {
        var space = fixture.Space();
        await using var proxy = new RegistryProxy(fixture.Registry.Port);
        var name = $"{proxy.Host}/{await fixture.PutAsync(space, LayoutBuilder.Small("small"))}";
        proxy.Meddle = async request =>
        {
            await SayAsync(request, await request.FetchAsync(), "compress", body => body, withLength: true);
            return true;
        };
        var error = await Assert.ThrowsAsync<CtrNotSupportedException>(() => space.PullAsync(name));
        Assert.Equal(ErrorIds.ContentEncodingNotSupported, error.ErrorId);
        Assert.Contains("'compress'", error.Message, StringComparison.Ordinal);
    }

    private static byte[] Encode(byte[] body, string encoding)
    {
        if (encoding.Contains(',', StringComparison.Ordinal))
            return encoding.Split(", ").Aggregate(body, Encode);
        using var memory = new MemoryStream();
        using (
            Stream coder = encoding.ToLowerInvariant() switch
            {
                "gzip" or "x-gzip" => new GZipStream(memory, CompressionLevel.Fastest, leaveOpen: true),
                "deflate" => new ZLibStream(memory, CompressionLevel.Fastest, leaveOpen: true),
                "raw deflate" => new DeflateStream(memory, CompressionLevel.Fastest, leaveOpen: true),
                "zstd" => new ZstdSharp.CompressionStream(memory, leaveOpen: true),
                "br" => new BrotliStream(memory, CompressionLevel.Fastest, leaveOpen: true),
                _ => new MemoryStream(),
            }
        )
        {
            coder.Write(body);
        }

        return encoding == "identity" ? body : memory.ToArray();
    }

    // The registry's answer with another body and one more header; without a length it ends when the connection is closed.
    private static async Task SayAsync(ProxyExchange request, byte[] answer, string encoding, Func<byte[], byte[]> change, bool withLength)
    {
        var end = answer.AsSpan().IndexOf("\r\n\r\n"u8);
        var lines = Encoding.Latin1.GetString(answer, 0, end).Split("\r\n");
        var body = change(answer[(end + 4)..]);
        var head = lines
            .Where(l => !l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
            .Append($"Content-Encoding: {encoding}");
        if (withLength)
            head = head.Append($"Content-Length: {body.Length}");
        await request.Client.WriteAsync(Encoding.Latin1.GetBytes(string.Join("\r\n", head) + "\r\n\r\n"), request.Ending);
        if (request.Method != "HEAD")
            await request.Client.WriteAsync(body, request.Ending);
        await request.Client.FlushAsync(request.Ending);
    }
}

using System.Security.Cryptography;
using Containerd.Client.Tests.Images;
using Containerd.Oci.Archives;

namespace Containerd.Client.Tests.Storage;

/// <summary>Unfinished writes are resumed where they stopped, or started again if they contain other data.</summary>
public abstract class ContentResumeTests(ImageFixture fixture)
{
    private const int Size = (3 << 20) + 17;

    [Theory]
    [InlineData(1)]
    [InlineData((1 << 20) - 1)]
    [InlineData(1 << 20)]
    [InlineData((2 << 20) + 4321)]
    [InlineData(Size - 1)]
    [InlineData(Size)]
    public async Task A_write_is_resumed_at_any_offset(int offset)
    {
        var space = fixture.Space();
        var data = RandomNumberGenerator.GetBytes(Size);
        await BeginAsync(space, data.AsMemory(0, offset), Size, null);
        Assert.Equal(offset, (await space.Namespace.Content.GetIngestAsync("mine", TestContext.Current.CancellationToken)).Offset);

        var blob = await ImportAsync(space, data);

        Assert.Equal(LayoutBuilder.Digest(data), blob.Digest);
        await AssertWholeAsync(space, data);
    }

    [Theory]
    [InlineData(5, 10, false)]
    [InlineData(10, 10, true)]
    [InlineData(5, 20, false)]
    [InlineData(30, 40, true)]
    public async Task Different_data_with_an_old_reference_starts_again(int written, int total, bool expected)
    {
        var space = fixture.Space();
        var data = RandomNumberGenerator.GetBytes(10);
        var other = RandomNumberGenerator.GetBytes(total);
        await BeginAsync(space, other.AsMemory(0, written), total, expected ? LayoutBuilder.Digest(other) : null);

        var blob = await ImportAsync(space, data);

        Assert.Equal(LayoutBuilder.Digest(data), blob.Digest);
        await AssertWholeAsync(space, data);
    }

    [Fact]
    public async Task Data_that_cannot_be_read_again_is_not_reported_as_the_cause()
    {
        var space = fixture.Space();
        var data = RandomNumberGenerator.GetBytes(10);
        await BeginAsync(space, RandomNumberGenerator.GetBytes(5), 10, null);
        await using var once = new HeadStream(new MemoryStream(data), null);
        var error = await Assert.ThrowsAsync<CtrDataException>(() =>
            space.Namespace.Content.ImportAsync("mine", once, 10, null, cancellationToken: TestContext.Current.CancellationToken)
        );
        Assert.Equal(ErrorIds.IngestMismatch, error.ErrorId);
        Assert.Contains("'mine'", error.Message, StringComparison.Ordinal);
        Assert.Empty(await space.Namespace.Content.ListIngestsAsync(StoreFilter.All, TestContext.Current.CancellationToken));
        await ImportAsync(space, data);
    }

    [Fact]
    public async Task A_sha512_digest_is_compared_here_and_the_blob_is_stored_by_its_sha256()
    {
        var space = fixture.Space();
        var data = RandomNumberGenerator.GetBytes(100);
        var right = "sha512:" + Convert.ToHexString(SHA512.HashData(data)).ToLowerInvariant();
        var error = await Assert.ThrowsAsync<CtrDataException>(() => ImportAsync(space, data, "sha512:" + new string('a', 128)));
        Assert.Equal(ErrorIds.DigestMismatch, error.ErrorId);
        Assert.Empty(await space.ContentAsync());
        Assert.Equal(LayoutBuilder.Digest(data), (await ImportAsync(space, data, right)).Digest);
    }

    private static Task<CtrContent> ImportAsync(ImageSpace space, byte[] data, string? expected = null) =>
        space.Namespace.Content.ImportAsync(
            "mine",
            new MemoryStream(data),
            data.Length,
            expected,
            cancellationToken: TestContext.Current.CancellationToken
        );

    private static async Task BeginAsync(ImageSpace space, ReadOnlyMemory<byte> data, long total, string? expected)
    {
        using var writer = await space.Namespace.Content.Writer.OpenAsync(
            "mine",
            total,
            expected,
            null,
            TestContext.Current.CancellationToken
        );
        await writer!.WriteAsync(data, TestContext.Current.CancellationToken);
    }

    private static async Task AssertWholeAsync(ImageSpace space, byte[] data)
    {
        Assert.Empty(await space.Namespace.Content.ListIngestsAsync(StoreFilter.All, TestContext.Current.CancellationToken));
        Assert.Equal(
            data,
            await space.Namespace.Content.ReadAllAsync(LayoutBuilder.Digest(data), data.Length, TestContext.Current.CancellationToken)
        );
    }
}

public sealed class BookwormContentResumeTests(ImageFixture fixture) : ContentResumeTests(fixture), IClassFixture<ImageFixture>;

public sealed class SidContentResumeTests(SidImageFixture fixture) : ContentResumeTests(fixture), IClassFixture<SidImageFixture>;

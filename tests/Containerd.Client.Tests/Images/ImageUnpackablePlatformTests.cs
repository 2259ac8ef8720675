namespace Containerd.Client.Tests.Images;

/// <summary>
/// Images for another operating system are stored, never unpacked into this one's snapshots; and one of an unknown architecture is judged
/// by its snapshots.
/// </summary>
public sealed class ImageUnpackablePlatformTests(ImageFixture fixture) : IClassFixture<ImageFixture>
{
    private const string Name = "docker.io/library/other:1";

    [Fact]
    public async Task An_image_for_windows_is_stored_with_a_warning_and_not_unpacked()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var space = fixture.Space();
        var warnings = new List<string>();
        await space.ImportAsync(
            space.File("windows.tar", For("windows/amd64").ToTar()),
            new ImageImportOptions { Platforms = ["windows/amd64"], Warn = warnings.Add }
        );

        Assert.Empty(await space.SnapshotsAsync());
        Assert.Contains("windows/amd64", Assert.Single(warnings), StringComparison.Ordinal);
        var test = await space.Namespace.Images.TestAsync(
            Name,
            new ImageTestOptions { Platforms = ["windows/amd64"] },
            cancellationToken: cancellationToken
        );
        Assert.False(test.Passed);
        Assert.False(test.IsUnpacked);
        Assert.Equal(CtrImageProblemKind.NotUnpacked, Assert.Single(test.Problems).Kind);
        Assert.True(
            (
                await space.Namespace.Images.TestAsync(
                    Name,
                    new ImageTestOptions { Platforms = ["windows/amd64"], RequireUnpacked = false },
                    cancellationToken: cancellationToken
                )
            ).Passed
        );

        var image = await space.Namespace.Images.ResolveAsync(Name, "windows/amd64", cancellationToken);
        var error = await Assert.ThrowsAsync<CtrNotSupportedException>(() =>
            space.Namespace.Images.UnpackAsync(image, "overlayfs", cancellationToken: cancellationToken)
        );
        Assert.Equal(ErrorIds.PlatformNotSupported, error.ErrorId);
        // Refused before a registry is asked.
        error = await Assert.ThrowsAsync<CtrNotSupportedException>(() =>
            space.Namespace.Images.EnsureAsync(
                "localhost:1/none",
                "windows/amd64",
                "overlayfs",
                CtrPullPolicy.Always,
                cancellationToken: cancellationToken
            )
        );
        Assert.Equal(ErrorIds.PlatformNotSupported, error.ErrorId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_image_of_an_unknown_architecture_is_unpacked_or_the_test_says_that_it_is_not(bool unpack)
    {
        var space = fixture.Space();
        await space.ImportAsync(space.File("unknown.tar", For("linux/unknown").ToTar()), new ImageImportOptions { Unpack = unpack });
        var test = await space.Namespace.Images.TestAsync(
            Name,
            new ImageTestOptions(),
            cancellationToken: TestContext.Current.CancellationToken
        );
        Assert.Equal(unpack, test.Passed);
        Assert.Equal(unpack, test.IsUnpacked);
        Assert.Equal(unpack ? 0 : 1, test.Problems.Length);
        Assert.Equal(unpack ? 1 : 0, (await space.SnapshotsAsync()).Count);
    }

    private static LayoutBuilder For(string platform) =>
        new LayoutBuilder() is var builder
            ? builder.Top(Name, builder.Image(platform, (LayoutBuilder.LayerTar("a.txt", "hello"u8.ToArray()), "gzip")))
            : throw new InvalidOperationException();
}

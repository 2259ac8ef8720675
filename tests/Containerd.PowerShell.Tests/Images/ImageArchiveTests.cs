using System.Formats.Tar;
using System.Text.Json;
using Containerd.Client.Workloads.Stats;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.PowerShell.Tests.Storage;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Images;

/// <summary>
/// Archives that Export-CtrImage writes, read back by skopeo and containerd's own client; and tests of images that are damaged.
/// </summary>
public sealed class ImageArchiveTests(DaemonFixtures fixtures)
{
    public static TheoryData<string> Suites => ["bookworm", "sid"];

    public static TheoryData<string, string> Packings =>
        new()
        {
            { "bookworm", "tar" },
            { "bookworm", "tar.gz" },
            { "bookworm", "tgz" },
            { "bookworm", "tar.zst" },
            { "sid", "tar" },
        };

    [Theory]
    [MemberData(nameof(Packings))]
    public async Task An_archive_keeps_all_digests(string suite, string ending)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite, withImage: true);
        var file = Path.Combine(space.Folder, $"image.{ending}");
        Assert.Equal(file, space.Text($"Export-CtrImage busybox:test '{file}'"));
        Assert.Equal([file], Directory.GetFileSystemEntries(space.Folder));
        var digest = space.Text("(Get-CtrImage busybox:test).Digest");
        if (ending != "tar.zst")
        {
            Assert.Equal(digest, "sha256:" + Sha256(await Shell.RunAsync("skopeo", "inspect", "--raw", $"oci-archive:{file}:test")));
        }

        if (ending == "tar")
        {
            var docker = JsonDocument
                .Parse(await Shell.RunAsync("skopeo", "inspect", "--config", "--raw", $"docker-archive:{file}:busybox:test"))
                .RootElement;
            Assert.Equal("sh", docker.GetProperty("config").GetProperty("Cmd")[0].GetString());
        }

        await using var other = await StorageSpace.OpenAsync(fixtures, suite);
        if (ending == "tar")
        {
            await other.CtrAsync("images", "import", file);
            Assert.Equal($"{TestImages.Busybox} {digest}", other.Text("$i = Get-CtrImage; \"$($i.Name) $($i.Digest)\""));
            Assert.Equal("True", other.Text("(Test-CtrImage busybox:test).Passed"));
            // A later ctr keeps the archive's index.json too.
            var theirs = await other.LinesAsync("content", "list", "--quiet");
            Assert.All(await space.LinesAsync("content", "list", "--quiet"), blob => Assert.Contains(blob, theirs));
            other.Engine.Require("Remove-CtrImage busybox:test");
        }

        Assert.Equal(digest, other.Text($"(Import-CtrImage '{file}').Digest"));
        Assert.Empty(await space.RowsAsync("leases", "list"));

        // The same bytes each time.
        space.Engine.Require(
            $"$null = Export-CtrImage busybox:test '{file}.again.tar'; $null = Export-CtrImage busybox:test '{file}.once.tar'"
        );
        Assert.Equal(
            await File.ReadAllBytesAsync($"{file}.again.tar", TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync($"{file}.once.tar", TestContext.Current.CancellationToken)
        );
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task Dockers_own_format_keeps_the_image_id(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite, withImage: true);
        var file = Path.Combine(space.Folder, "image.tar");
        space.Engine.Require($"$null = Export-CtrImage busybox:test '{file}' -Format Docker");
        var config = await ConfigDigestAsync(space, space.Text("(Get-CtrImage busybox:test).Digest"));
        Assert.Equal(config, "sha256:" + Sha256(await Shell.RunAsync("skopeo", "inspect", "--config", "--raw", $"docker-archive:{file}")));
        var names = await NamesAsync(file);
        Assert.Contains(config[7..] + ".json", names);
        Assert.DoesNotContain("oci-layout", names);
        Assert.Equal(
            space.Text("(Get-CtrImage busybox:test -Detailed).Config.DiffIds")[7..] + ".tar",
            Assert.Single(names, n => n.EndsWith(".tar", StringComparison.Ordinal))
        );

        await using var other = await StorageSpace.OpenAsync(fixtures, suite);
        await other.CtrAsync("images", "import", file);
        Assert.Equal(TestImages.Busybox, other.Text("(Get-CtrImage).Name"));
        Assert.Equal(config, await ConfigDigestAsync(other, other.Text("(Get-CtrImage).Digest")));
        Assert.Equal("hi", other.Text("Invoke-CtrContainer -Image busybox:test -- echo hi"));
    }

    [Fact]
    public async Task Several_images_share_an_archive_or_have_separate_ones()
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, "bookworm", withImage: true);
        space.Engine.Require("Set-CtrImage busybox:test -Tag localhost:5000/team/app:2");
        var file = Path.Combine(space.Folder, "all.tar");
        Assert.Equal(file, space.Text($"Get-CtrImage | Export-CtrImage -Path '{file}'"));
        var names = await NamesAsync(file);
        Assert.Equal(names.Distinct().Count(), names.Count);
        Assert.Equal(3, names.Count(n => n.StartsWith("blobs/", StringComparison.Ordinal)));
        await using var other = await StorageSpace.OpenAsync(fixtures, "bookworm");
        await other.CtrAsync("images", "import", file);
        Assert.Equal(space.Texts("Get-CtrImage"), other.Texts("Get-CtrImage"));
        Assert.Contains(
            "hello",
            await Shell.RunAsync("sh", "-c", $"skopeo inspect docker-archive:{file}:localhost:5000/team/app:2 > /dev/null && echo hello"),
            StringComparison.Ordinal
        );

        Directory.CreateDirectory(Path.Combine(space.Folder, "each"));
        Assert.Equal(
            ["busybox_test.tar", "localhost_5000_team_app_2.tar"],
            space.Texts($"Export-CtrImage * '{space.Folder}/each' | ForEach-Object Name").Order(StringComparer.Ordinal)
        );
        Assert.Equal(ErrorIds.FileExists, space.ErrorId($"Export-CtrImage busybox:test '{file}' -NoClobber"));

        // An archive that lacks one is none.
        var none = Path.Combine(space.Folder, "none.tar");
        Assert.Equal(ErrorIds.ImageNotFound, space.ErrorId($"Export-CtrImage busybox:test, nothing '{none}'"));
        Assert.Equal(
            ErrorIds.PlatformAmbiguous,
            space.ErrorId($"Export-CtrImage busybox:test '{none}' -Platform linux/arm64 -AllPlatforms")
        );
        Assert.Equal("PlatformNotAvailable", space.ErrorId($"Export-CtrImage busybox:test '{none}' -Platform linux/s390x"));
        Assert.Equal(ErrorIds.FileNotWritable, space.ErrorId($"Export-CtrImage busybox:test '{space.Folder}/no/such/none.tar'"));
        Assert.Empty(space.Texts($"Export-CtrImage busybox:test '{none}' -WhatIf"));
        Assert.False(File.Exists(none));
        Assert.Equal(
            ["all.tar", "each"],
            Directory.GetFileSystemEntries(space.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task Missing_or_damaged_content_is_found_and_not_exported(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite);
        // Content of this test's own: the store has each blob once for all namespaces.
        var name = $"damaged:{Guid.NewGuid():N}";
        space.Engine.Require(
            $"$null = Import-CtrImage '{await TestImages.BusyboxTarAsync()}'; $null = New-CtrContainer c -Image busybox:test -- true; $null = New-CtrImage c {name} -Label @{{ odd = '{Guid.NewGuid()}' }} -Message '{Guid.NewGuid()}'; Remove-CtrContainer c"
        );
        var good = Assert.IsType<CtrImageTest>(Assert.Single(space.Engine.Require($"Test-CtrImage {name}")).BaseObject);
        Assert.True(
            good is { Passed: true, IsComplete: true, IsIntact: true, IsUnpacked: true, Problems: [], BytesRead: > 100_000 },
            good.ToString()
        );
        Assert.Single(good.Platforms);
        Assert.Equal(["True", "False"], space.Texts($"Test-CtrImage {name}, nothing -Quiet"));
        Assert.Equal(ErrorIds.ImageNotFound, space.ErrorId("Test-CtrImage nothing"));
        Assert.Equal("PlatformNotAvailable", space.Text($"(Test-CtrImage {name} -Platform linux/s390x).Problems.Kind"));
        Assert.Equal("0", space.Text($"(Test-CtrImage {name} -SkipDigest).BytesRead"));

        var manifest = space.Text($"(Get-CtrImage {name}).Digest");
        var config = await ConfigDigestAsync(space, manifest);
        foreach (var digest in new[] { config, manifest })
        {
            var path = Path.Combine(
                space.DaemonFixture.Daemon.Daemon.Path,
                "root/io.containerd.content.v1.content/blobs/sha256",
                digest[7..]
            );
            var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
            // Within a string, so that it is still JSON.
            var at = digest == config ? bytes.AsSpan().IndexOf("odd"u8) : bytes.AsSpan().IndexOf("schemaVersion"u8);
            Flip(path, at);
            try
            {
                var damaged = Assert.IsType<CtrImageTest>(Assert.Single(space.Engine.Require($"Test-CtrImage {name}")).BaseObject);
                Assert.False(damaged.Passed);
                Assert.False(damaged.IsIntact);
                Assert.Equal(digest, Assert.Single(damaged.Problems).Digest);
                Assert.Equal("True", space.Text($"Test-CtrImage {name} -SkipDigest -Quiet"));
                Assert.Equal("False", space.Text($"Test-CtrImage {name} -Quiet"));
                Assert.Equal(ErrorIds.DigestMismatch, space.ErrorId($"Export-CtrImage {name} '{space.Folder}/x.tar'"));
            }
            finally
            {
                Flip(path, at);
            }
        }

        var layer = space.Text($"(Get-CtrImage {name} -Detailed).Layers[1].Digest");
        await space.CtrAsync("content", "rm", layer);
        var incomplete = Assert.IsType<CtrImageTest>(Assert.Single(space.Engine.Require($"Test-CtrImage {name}")).BaseObject);
        Assert.True(incomplete is { Passed: false, IsComplete: false, IsIntact: true, IsUnpacked: true }, incomplete.ToString());
        Assert.Equal((CtrImageProblemKind.Missing, layer), (Assert.Single(incomplete.Problems).Kind, incomplete.Problems[0].Digest));
        var error = space.Error($"Export-CtrImage {name} '{space.Folder}/x.tar'");
        Assert.Equal("ImageIncomplete,Containerd.PowerShell.ExportCtrImageCommand", error.FullyQualifiedErrorId);
        Assert.Contains(layer, error.Exception.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(space.Folder));

        await space.CtrAsync("content", "rm", config);
        Assert.Equal(
            "Missing Missing NotUnpacked",
            string.Join(
                ' ',
                space.Texts($"(Test-CtrImage {name}).Problems.Kind | ForEach-Object {{ \"$_\" }}").Order(StringComparer.Ordinal)
            )
        );
        await space.CtrAsync("content", "rm", manifest);
        Assert.Equal("Missing", space.Text($"(Test-CtrImage {name}).Problems.Kind"));
        var shown = space.Engine.Display("Test-CtrImage *");
        Assert.All(shown.Split('\n'), line => Assert.True(line.Length <= Engine.Width, line));
    }

    [Fact]
    public async Task Layers_that_are_not_unpacked_are_reported()
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, "bookworm");
        space.Engine.Require($"$null = Import-CtrImage '{await TestImages.BusyboxTarAsync()}' -NoUnpack");
        Assert.Equal(
            "NotUnpacked False True",
            space.Text("$t = Test-CtrImage busybox:test; \"$($t.Problems.Kind) $($t.IsUnpacked) $($t.IsIntact)\"")
        );
        Assert.Equal("True", space.Text("Test-CtrImage busybox:test -SkipUnpacked -Quiet"));
        Assert.Equal("True", space.Text("$null = New-CtrContainer c -Image busybox:test -- true; Test-CtrImage busybox:test -Quiet"));
        Assert.Equal("False", space.Text("Test-CtrImage busybox:test -Snapshotter native -Quiet"));
    }

    private static async Task<string> ConfigDigestAsync(StorageSpace space, string manifest) =>
        JsonDocument
            .Parse(await space.CtrAsync("content", "get", manifest))
            .RootElement.GetProperty("config")
            .GetProperty("digest")
            .GetString()!;

    private static string Sha256(string text) =>
        Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text))).ToLowerInvariant();

    private static void Flip(string path, int at)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = at;
        var value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 1));
    }

    private static async Task<List<string>> NamesAsync(string file)
    {
        await using var data = File.OpenRead(file);
        using var tar = new TarReader(data);
        var names = new List<string>();
        while (await tar.GetNextEntryAsync() is { } entry)
            names.Add(entry.Name);
        return names;
    }
}

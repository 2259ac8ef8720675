using System.Text.Json;
using Containerd.Client.Workloads.Stats;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.PowerShell.Tests.Storage;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Images;

/// <summary>Names, labels and details of images, held against containerd's own client.</summary>
public sealed class ImageManageTests(DaemonFixtures fixtures)
{
    public static TheoryData<string> Suites => ["bookworm", "sid"];

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task Labels_and_additional_names_agree_with_ctr(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite, withImage: true);
        Assert.Empty(space.Texts("Set-CtrImage busybox:test -Label @{ team = 'blue'; 'odd/key.with' = 'a b' }"));
        Assert.Contains("team=blue", await space.CtrAsync("images", "list"), StringComparison.Ordinal);
        Assert.Equal("blue", space.Text("(Get-CtrImage busybox:test).Labels['team']"));
        Assert.Equal(
            [TestImages.Busybox, "docker.io/library/mine:1", "localhost:5000/team/app:2"],
            space.Texts(
                "Get-CtrImage busybox:test | Set-CtrImage -Label @{ team = $null; x = 'y' } -Tag mine:1, localhost:5000/team/app:2 -PassThru"
            )
        );
        Assert.Equal(
            "False y y",
            space.Text(
                "\"$((Get-CtrImage busybox:test).Labels.ContainsKey('team')) $((Get-CtrImage mine:1).Labels['x']) $((Get-CtrImage localhost:5000/team/app:2).Labels['x'])\""
            )
        );
        await space.CtrAsync("images", "tag", TestImages.Busybox, "docker.io/library/theirs:1");

        var rows = await space.RowsAsync("images", "list");
        Assert.Equal(4, rows.Count);
        Assert.Equal(
            rows.Select(r => string.Join(' ', r.Split(' ').Take(3))),
            space.Texts("Get-CtrImage | ForEach-Object { \"$($_.Name) $($_.MediaType) $($_.Digest)\" }")
        );
        Assert.Equal(["docker.io/library/mine:1"], space.Texts("Get-CtrImage mine* -Label @{ x = 'y' }"));
        // A later ctr gives its new name no labels.
        Assert.Equal(
            3,
            space
                .Texts("Get-CtrImage -Label @{ x = '*' } | ForEach-Object Name")
                .Count(n => !n.Contains("theirs", StringComparison.Ordinal))
        );
        Assert.Empty(space.Texts("Get-CtrImage busybox:test -Label @{ x = 'z' }"));
        Assert.Equal([TestImages.Busybox], space.Texts($"Get-CtrImage -Filter 'name==\"{TestImages.Busybox}\"'"));

        // A name that leads elsewhere is not taken in passing; one that leads here is no news.
        await using var other = await StorageSpace.OpenAsync(fixtures, suite);
        space.Engine.Require("New-CtrContainer one -Image mine:1 -- true; New-CtrImage one changed:1; Remove-CtrContainer one");
        Assert.Equal(ErrorIds.ImageExists, space.ErrorId("Set-CtrImage busybox:test -Tag changed:1"));
        Assert.Equal(5, (await space.RowsAsync("images", "list")).Count);
        space.Engine.Require("Set-CtrImage busybox:test -Tag mine:1; Set-CtrImage busybox:test -Tag changed:1 -Force");
        Assert.Single(space.Texts("(Get-CtrImage).Digest").Distinct());
        Assert.Equal(ErrorIds.ImageNotFound, space.ErrorId("Set-CtrImage nothing -Tag a"));
        Assert.Equal(ErrorIds.InvalidImageName, space.ErrorId("Set-CtrImage busybox:test -Tag UPPER"));
        Assert.Equal(ErrorIds.DigestConflict, space.ErrorId($"Set-CtrImage busybox:test -Tag mine@sha256:{new string('0', 64)}"));
        Assert.Equal(ErrorIds.NothingToChange, space.ErrorId("Set-CtrImage busybox:test"));
        Assert.Empty(space.Texts("Set-CtrImage busybox:test -Tag never -WhatIf; Get-CtrImage never*"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-Synchronous")]
    [InlineData("-NoWait")]
    public async Task The_space_of_a_removed_image_is_freed_immediately_or_soon(string options)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, "bookworm", withImage: true);
        Assert.Equal(ErrorIds.ConflictingParameters, space.ErrorId("Remove-CtrImage busybox:test -NoWait -Synchronous"));
        space.Engine.Require($"Remove-CtrImage busybox:test {options}");
        if (options == "-NoWait")
            await Eventually.TrueAsync(() =>
                space.Texts("Get-CtrContent | ForEach-Object Digest; Get-CtrSnapshot | ForEach-Object Name").Count == 0
            );
        Assert.Empty(space.Texts("Get-CtrContent | ForEach-Object Digest; Get-CtrSnapshot | ForEach-Object Name"));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task Details_match_the_stored_documents(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite, withImage: true);
        Assert.Equal(
            "True 0 0",
            space.Text("$i = Get-CtrImage busybox:test; \"$($null -eq $i.Config) $($i.History.Count) $($i.Layers.Count)\"")
        );
        var image = Assert.IsType<CtrImage>(Assert.Single(space.Engine.Require("Get-CtrImage busy* -Detailed")).BaseObject);
        var manifest = JsonDocument.Parse(await space.CtrAsync("content", "get", image.Digest)).RootElement;
        var config = JsonDocument
            .Parse(await space.CtrAsync("content", "get", manifest.GetProperty("config").GetProperty("digest").GetString()!))
            .RootElement;
        var layer = Assert.Single(image.Layers);
        var stored = manifest.GetProperty("layers")[0];
        Assert.Equal(
            (stored.GetProperty("digest").GetString(), stored.GetProperty("mediaType").GetString(), stored.GetProperty("size").GetInt64()),
            (layer.Digest, layer.MediaType, layer.Size)
        );
        Assert.Equal(config.GetProperty("rootfs").GetProperty("diff_ids")[0].GetString(), layer.DiffId);
        Assert.Contains(await space.RowsAsync("snapshots", "list"), row => row.StartsWith(layer.ChainId, StringComparison.Ordinal));
        Assert.True(layer.IsPresent);
        var step = Assert.Single(image.History);
        Assert.Equal(
            ("busybox", layer.Digest, layer.Size, DateTime.UnixEpoch),
            (step.CreatedBy, step.Layer, step.Size, step.CreatedAt!.Value.ToUniversalTime())
        );
        Assert.Equal(["sh"], image.Config!.Cmd);
        Assert.Equal(DateTime.UnixEpoch, image.Config.CreatedAt!.Value.ToUniversalTime());
        Assert.Equal(ErrorIds.PlatformNotAvailable, space.ErrorId("Get-CtrImage busybox:test -Detailed -Platform linux/s390x"));

        // What comes out of a job says as much.
        Assert.Equal(
            $"sh {layer.Digest} busybox",
            space.Text(
                "$i = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize((Get-CtrImage busybox:test -Detailed), 1)); \"$($i.Config.Cmd) $($i.Layers[0].Digest) $($i.History[0].CreatedBy)\""
            )
        );
        var shown = space.Engine.Display("(Get-CtrImage busybox:test -Detailed).Layers; (Get-CtrImage busybox:test -Detailed).History");
        Assert.Contains("busybox", shown, StringComparison.Ordinal);
        Assert.All(shown.Split('\n'), line => Assert.True(line.Length <= Engine.Width, line));
        await space.CtrAsync("content", "rm", layer.Digest);
        Assert.Equal("False", space.Text("(Get-CtrImage busybox:test -Detailed).Layers[0].IsPresent"));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task An_image_in_use_is_kept_unless_forced(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite, withImage: true);
        space.Engine.Require("$null = New-CtrContainer user -Image busybox:test -- sh -c 'echo alive'");
        var error = space.Error("Remove-CtrImage busybox:test");
        Assert.Equal("ImageInUse,Containerd.PowerShell.RemoveCtrImageCommand", error.FullyQualifiedErrorId);
        Assert.Contains("user", error.Exception.Message, StringComparison.Ordinal);
        Assert.Single(await space.RowsAsync("images", "list"));
        space.Engine.Require("Remove-CtrImage busybox:test -Force");
        Assert.Empty(await space.RowsAsync("images", "list"));
        // Its files are still there.
        Assert.Single(await space.RowsAsync("snapshots", "list"), row => row.EndsWith(" Committed", StringComparison.Ordinal));
        space.Engine.Require("Remove-CtrContainer user");
        await space.CollectAsync();
        Assert.Empty(await space.RowsAsync("snapshots", "list"));
        Assert.Empty(await space.RowsAsync("content", "list"));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task Clearing_removes_images_without_containers_and_reports_the_freed_space(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite, withImage: true);
        space.Engine.Require(
            """
            $null = New-CtrContainer web -Image busybox:test -- true
            Set-CtrImage busybox:test -Tag same:1
            $null = New-CtrImage web child:1 -Label @{ odd = (New-Guid).Guid }
            Set-CtrImage child:1 -Tag pinned:1, spared:1, blue:1
            Set-CtrImage pinned:1 -Label @{ 'io.cri-containerd.pinned' = 'pinned' }
            Set-CtrImage spared:1 -Label @{ keep = 'yes' }
            Set-CtrImage blue:1 -Label @{ team = 'blue' }
            """.Replace("(New-Guid).Guid", "'" + Guid.NewGuid() + "'", StringComparison.Ordinal)
        );
        var shown = space.Engine.Display("Clear-CtrImage -WhatIf");
        Assert.Contains("child:1", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("busybox:test", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("pinned:1", shown, StringComparison.Ordinal);
        Assert.Equal(6, (await space.RowsAsync("images", "list")).Count);
        Assert.Empty(space.Texts("(Clear-CtrImage -OlderThan 1h -Confirm:$false).Removed"));
        Assert.Equal(["docker.io/library/blue:1"], space.Texts("(Clear-CtrImage -Label @{ team = 'b*' } -Confirm:$false).Removed"));

        var cleared = Assert.IsType<CtrImageCleanup>(
            Assert.Single(space.Engine.Require("Clear-CtrImage -ExceptLabel @{ keep = '*' } -Confirm:$false")).BaseObject
        );
        Assert.Equal(["docker.io/library/child:1"], cleared.Removed);
        Assert.Equal([TestImages.Busybox, "docker.io/library/pinned:1", "docker.io/library/same:1"], cleared.InUse);
        Assert.Equal((0L, 0), (cleared.Freed, cleared.Blobs));

        // The last names of its content.
        space.Engine.Require("Remove-CtrImage pinned:1");
        var before = (await space.RowsAsync("snapshots", "list")).Count;
        cleared = Assert.IsType<CtrImageCleanup>(Assert.Single(space.Engine.Require("Clear-CtrImage spared* -Confirm:$false")).BaseObject);
        Assert.Equal(["docker.io/library/spared:1"], cleared.Removed);
        Assert.Equal((3, 1), (cleared.Blobs, cleared.Snapshots));
        Assert.Equal(before - 1, (await space.RowsAsync("snapshots", "list")).Count);
        // Config and manifest at the least, which are this test's own.
        Assert.True(cleared.Freed > 500, cleared.ToString());

        space.Engine.Require("Remove-CtrContainer web");
        cleared = Assert.IsType<CtrImageCleanup>(Assert.Single(space.Engine.Require("Clear-CtrImage -Confirm:$false")).BaseObject);
        Assert.Equal(2, cleared.Removed.Length);
        await space.CollectAsync();
        Assert.Empty(await space.RowsAsync("content", "list"));
        Assert.Empty(await space.RowsAsync("snapshots", "list"));
        Assert.Equal("0 images, 0B", space.Text("Clear-CtrImage -Confirm:$false"));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task A_mounted_image_can_be_read_or_written_and_leaves_nothing(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite);
        space.Engine.Require($"$null = Import-CtrImage '{await TestImages.BusyboxTarAsync()}' -NoUnpack");
        var place = Path.Combine(space.Folder, "m");
        Directory.CreateDirectory(place);
        Assert.Empty(space.Texts($"Mount-CtrImage busybox:test '{place}' -WhatIf"));
        var mount = Assert.IsType<CtrSnapshotMount>(
            Assert.Single(space.Engine.Require($"Get-CtrImage busybox:test | Mount-CtrImage -Path '{place}/'")).BaseObject
        );
        try
        {
            Assert.Equal((TestImages.Busybox, true, place), (mount.Image, mount.ReadOnly, mount.Path));
            Assert.Contains(
                "app:x:1000",
                await File.ReadAllTextAsync(Path.Combine(place, "etc/passwd"), TestContext.Current.CancellationToken),
                StringComparison.Ordinal
            );
            Assert.Throws<IOException>(() => File.WriteAllText(Path.Combine(place, "new"), "x"));
            Assert.Equal(TestImages.Busybox, space.Text($"(Get-CtrSnapshotMount '{place}').Image"));
            Assert.Equal(ErrorIds.DirectoryMounted, space.ErrorId($"Mount-CtrImage busybox:test '{place}'"));
            await space.CollectAsync();
            Assert.Contains(
                "app:x:1000",
                await File.ReadAllTextAsync(Path.Combine(place, "etc/passwd"), TestContext.Current.CancellationToken),
                StringComparison.Ordinal
            );
        }
        finally
        {
            space.Engine.Require($"Dismount-CtrImage '{place}'");
        }

        Assert.Empty(Directory.GetFileSystemEntries(place));
        space.Engine.Require($"$m = Mount-CtrImage busybox:test '{place}' -Writable");
        await File.WriteAllTextAsync(Path.Combine(place, "new"), "x", TestContext.Current.CancellationToken);
        space.Engine.Require("$m | Dismount-CtrImage");
        space.Engine.Require($"$null = Mount-CtrImage busybox:test '{place}'");
        Assert.False(File.Exists(Path.Combine(place, "new")));
        space.Engine.Require($"Dismount-CtrImage '{space.Folder}/*'");
        Assert.DoesNotContain(await space.RowsAsync("snapshots", "list"), row => !row.EndsWith(" Committed", StringComparison.Ordinal));
        Assert.Equal(ErrorIds.MountNotFound, space.ErrorId($"Dismount-CtrImage '{place}'"));
        Assert.Equal(ErrorIds.DirectoryNotFound, space.ErrorId($"Mount-CtrImage busybox:test '{place}/none'"));
        Assert.Equal(ErrorIds.ImageNotFound, space.ErrorId($"Mount-CtrImage nothing '{place}'"));
        Assert.Equal(ErrorIds.PlatformNotAvailable, space.ErrorId($"Mount-CtrImage busybox:test '{place}' -Platform linux/s390x"));
        Assert.Empty(await space.RowsAsync("leases", "list"));
    }
}

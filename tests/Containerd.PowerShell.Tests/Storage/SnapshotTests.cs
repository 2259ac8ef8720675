using System.Globalization;
using System.Management.Automation;
using System.Text.Json;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Storage;

/// <summary>Snapshots, compared with containerd's own client.</summary>
public sealed class SnapshotTests(DaemonFixtures fixtures)
{
    public static TheoryData<string> Suites => ["bookworm", "sid"];

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task They_are_listed_like_in_ctr(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite, withImage: true);
        var top = space.Text("(Get-CtrSnapshot).Name");
        space.Engine.Require(
            "New-CtrSnapshot work -Image busybox:test -Label @{ app = 'web' }; New-CtrSnapshot look -Parent (Get-CtrSnapshot -Kind Committed) -View; New-CtrSnapshot empty"
        );
        await space.CtrAsync("snapshots", "prepare", "theirs", top);

        var theirs = await space.RowsAsync("snapshots", "list");
        Assert.Equal(5, theirs.Count);
        Assert.Equal(
            theirs.Order(),
            space
                .Texts("Get-CtrSnapshot | ForEach-Object { (@($_.Name, $_.Parent, $_.Kind) | Where-Object { $_ -ne '' }) -join ' ' }")
                .Order()
        );
        Assert.Equal(
            (await space.RowsAsync("snapshots", "usage", "-b")).Order(),
            space.Texts("Get-CtrSnapshot -Usage | ForEach-Object { \"$($_.Name) $($_.Size) $($_.Inodes)\" }").Order()
        );

        // The usage requires a call for each snapshot, so it is only read on request.
        Assert.Equal("True", space.Text("$null -eq (Get-CtrSnapshot work).Size"));
        var info = JsonDocument.Parse(await space.CtrAsync("snapshots", "info", "work")).RootElement;
        Assert.Equal("web", info.GetProperty("Labels").GetProperty("app").GetString());
        Assert.Equal(
            info.GetProperty("Labels").GetProperty("containerd.io/gc.root").GetString(),
            space.Text("(Get-CtrSnapshot work).Labels['containerd.io/gc.root']")
        );
        Assert.Equal(
            info.GetProperty("Created").GetDateTime().ToUniversalTime(),
            space.Engine.Require<DateTime>("(Get-CtrSnapshot work).CreatedAt").ToUniversalTime(),
            TimeSpan.FromMilliseconds(1)
        );

        foreach (var name in new[] { "work", "look", "theirs" })
        {
            Assert.Equal(
                (await space.CtrAsync("snapshots", "mounts", "/at", name)).Trim(),
                space.Text(
                    $"(Get-CtrSnapshot {name} -Mount).Mounts | ForEach-Object {{ \"mount -t $($_.Type) $($_.Source) /at -o $($_.Options -join ',')\" }}"
                )
            );
        }

        Assert.Equal(["look", "theirs", "work"], space.Texts($"(Get-CtrSnapshot -Parent {top}).Name"));
        Assert.Equal(["work"], space.Texts("Get-CtrSnapshot -Label @{ app = 'w*' }"));
        Assert.Equal(["work"], space.Texts("Get-CtrSnapshot -Label @{ app = 'web' }"));
        Assert.Empty(space.Texts("Get-CtrSnapshot -Label @{ app = 'x' }"));
        Assert.Equal(["look"], space.Texts("Get-CtrSnapshot -Filter 'kind==view'"));
        Assert.Equal(["look", "work"], space.Texts("Get-CtrSnapshot -Filter 'kind==view', 'labels.app==web'"));
        Assert.Equal(
            ["empty", "work"],
            space.Texts("Get-CtrSnapshot -Kind Active -Filter 'labels.\"containerd.io/gc.root\"' | Where-Object Name -ne theirs")
        );
        Assert.Equal(["look"], space.Texts("Get-CtrSnapshot l*k"));
        Assert.Equal(["work"], space.Texts("Get-CtrSnapshot work | Get-CtrSnapshot"));
        Assert.Equal(["theirs", "work"], space.Texts("Get-CtrSnapshot -Snapshotter overl* -Kind Active | Where-Object Parent"));
        Assert.Equal(["work"], space.Engine.Complete("Get-CtrSnapshot wo").Select(c => c.CompletionText));
        Assert.Contains(top, space.Engine.Complete($"New-CtrSnapshot x -Parent {top[7..12]}").Select(c => c.CompletionText));
        Assert.Equal(ErrorIds.SnapshotNotFound, space.ErrorId("Get-CtrSnapshot nothing"));
        Assert.Equal(ErrorIds.SnapshotterNotFound, space.ErrorId("Get-CtrSnapshot -Snapshotter nothing"));
        Assert.Empty(space.Texts("Get-CtrSnapshot no*"));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task A_snapshot_is_created_written_committed_and_used_as_a_parent(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite, withImage: true);
        var made = Assert.Single(
            space.Engine.Require(
                "New-CtrSnapshot work -Image busybox:test -Verbose 4>&1 | Where-Object { $_ -is [Containerd.CtrSnapshot] }"
            )
        );
        Assert.Equal("Active", made.Properties["Kind"].Value.ToString());
        Assert.NotEmpty((CtrSpecMount[])made.Properties["Mounts"].Value);
        var mount = Path.Combine(space.Folder, "m");
        Directory.CreateDirectory(mount);
        await Task.Run(() => space.Engine.Require($"$null = Mount-CtrSnapshot work '{mount}'"));
        await File.WriteAllTextAsync(Path.Combine(mount, "new"), "hello", TestContext.Current.CancellationToken);
        Assert.Equal(ErrorIds.SnapshotMounted, space.ErrorId("Save-CtrSnapshot work base"));
        space.Engine.Require($"Dismount-CtrSnapshot '{mount}'");
        Assert.Empty(Directory.GetFileSystemEntries(mount));

        Assert.Empty(space.Texts("Save-CtrSnapshot work base -WhatIf"));
        var saved = Assert.Single(space.Engine.Require("Get-CtrSnapshot work | Save-CtrSnapshot -NewName base -Label @{ step = 'one' }"));
        Assert.Equal("Committed", saved.Properties["Kind"].Value.ToString());
        Assert.Contains(await space.RowsAsync("snapshots", "list"), r =>
            r.StartsWith("base ", StringComparison.Ordinal) && r.EndsWith(" Committed", StringComparison.Ordinal)
        );
        Assert.Contains("\"step\": \"one\"", await space.CtrAsync("snapshots", "info", "base"), StringComparison.Ordinal);

        // A snapshot on top of it contains the written files.
        space.Engine.Require($"$next = Get-CtrSnapshot base | New-CtrSnapshot next; $null = Mount-CtrSnapshot next '{mount}'");
        Assert.Equal("hello", await File.ReadAllTextAsync(Path.Combine(mount, "new"), TestContext.Current.CancellationToken));
        space.Engine.Require($"Dismount-CtrSnapshot '{mount}'");

        Assert.Equal(ErrorIds.SnapshotNotFound, space.ErrorId("Save-CtrSnapshot work again"));
        Assert.Equal(ErrorIds.SnapshotNotActive, space.ErrorId("Save-CtrSnapshot base again"));
        Assert.Equal(ErrorIds.SnapshotExists, space.ErrorId("Save-CtrSnapshot next base"));
        Assert.Equal(ErrorIds.SnapshotExists, space.ErrorId("New-CtrSnapshot next"));
        Assert.Equal(ErrorIds.SnapshotNotCommitted, space.ErrorId("New-CtrSnapshot over next"));
        var missing = space.Error("New-CtrSnapshot over nothing");
        Assert.Equal("SnapshotNotFound,Containerd.PowerShell.NewCtrSnapshotCommand", missing.FullyQualifiedErrorId);
        Assert.Contains("'nothing'", missing.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorIds.SnapshotterNotFound, space.ErrorId("New-CtrSnapshot over -Snapshotter nothing"));
        Assert.Equal(ErrorIds.ImageNotFound, space.ErrorId("New-CtrSnapshot over -Image nothing"));
        Assert.Empty(space.Texts("New-CtrSnapshot over -WhatIf"));
        Assert.DoesNotContain(await space.RowsAsync("snapshots", "list"), r => r.StartsWith("over", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task Labels_agree_with_ctr(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite);
        space.Engine.Require("$null = New-CtrSnapshot one -Label @{ a = '1'; b = '2' }");
        Assert.Empty(space.Engine.Require("Set-CtrSnapshot one -Label @{ a = 'x'; b = $null; 'long.dotted/key' = 'y' }"));
        var labels = JsonDocument.Parse(await space.CtrAsync("snapshots", "info", "one")).RootElement.GetProperty("Labels");
        Assert.Equal("x", labels.GetProperty("a").GetString());
        Assert.Equal("y", labels.GetProperty("long.dotted/key").GetString());
        Assert.False(labels.TryGetProperty("b", out _));
        await space.CtrAsync("snapshots", "label", "one", "a=ctr");
        Assert.Equal("ctr", space.Text("(Get-CtrSnapshot one | Set-CtrSnapshot -Label @{ c = 'd' } -PassThru).Labels['a']"));
        Assert.Equal(ErrorIds.SnapshotNotFound, space.ErrorId("Set-CtrSnapshot nothing -Label @{ a = 'b' }"));
        // A value with all that the daemon's filters have a meaning for.
        space.Engine.Require("""Set-CtrSnapshot one -Label @{ 'odd key"\,' = 'a"b\c,d==e' }""");
        Assert.Equal(["one"], space.Texts("""Get-CtrSnapshot -Label @{ 'odd key"\,' = 'a"b\c,d==e' }"""));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task Needed_objects_are_not_removed_and_several_are_removed_in_the_right_order(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite, withImage: true);
        var top = space.Text("(Get-CtrSnapshot).Name");
        var needed = space.Error($"Remove-CtrSnapshot {top}");
        Assert.Equal("SnapshotInUse,Containerd.PowerShell.RemoveCtrSnapshotCommand", needed.FullyQualifiedErrorId);
        Assert.Contains(TestImages.Busybox, needed.Exception.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ResourceBusy, needed.CategoryInfo.Category);

        space.Engine.Require("$null = New-CtrContainer web -Image busybox:test");
        var ofContainer = space.Error("Remove-CtrSnapshot web");
        Assert.Contains("the container 'web'", ofContainer.Exception.Message, StringComparison.Ordinal);
        Assert.Contains(
            "the snapshot 'web', whose parent it is",
            space.Error($"Remove-CtrSnapshot {top} -Force").Exception.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(ErrorIds.SnapshotInUse, space.ErrorId("Save-CtrSnapshot web taken"));
        Assert.Equal("web", space.Text("Get-CtrContainer web | Get-CtrSnapshot"));
        space.Engine.Require("Remove-CtrSnapshot web -Force");
        Assert.DoesNotContain(await space.RowsAsync("snapshots", "list"), r => r.StartsWith("web", StringComparison.Ordinal));
        space.Engine.Require("Remove-CtrContainer web");

        // A chain of three, passed in from the bottom up.
        space.Engine.Require(
            "$null = New-CtrSnapshot a1; $a = Save-CtrSnapshot a1 a; $null = $a | New-CtrSnapshot b1; $b = Save-CtrSnapshot b1 b; $c = $b | New-CtrSnapshot c"
        );
        Assert.Equal(["b"], space.Texts("Get-CtrSnapshot -Parent a"));
        space.Engine.Require("Get-CtrSnapshot a, b, c | Remove-CtrSnapshot -WhatIf");
        Assert.Equal(["a", "b", "c"], space.Texts("Get-CtrSnapshot a, b, c"));
        space.Engine.Require("'a', 'b', 'c' | Remove-CtrSnapshot");
        Assert.Equal([top], space.Texts("Get-CtrSnapshot"));
        var done = space.Engine.Invoke(
            "Remove-CtrSnapshot nothing, a; $null = New-CtrSnapshot last; 'nothing', 'last' | Remove-CtrSnapshot"
        );
        Assert.Equal(
            [ErrorIds.SnapshotNotFound, ErrorIds.SnapshotNotFound, ErrorIds.SnapshotNotFound],
            done.Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0])
        );
        Assert.Equal([top], space.Texts("Get-CtrSnapshot"));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task The_garbage_collector_keeps_the_content_of_our_leases_and_nothing_else(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite, withImage: true);
        space.Engine.Require(
            """
            $null = New-CtrSnapshot rooted -Image busybox:test
            $null = New-CtrSnapshot built; $null = Save-CtrSnapshot built saved
            $lease = New-CtrLease holding
            Use-CtrLease -Id holding { $null = New-CtrSnapshot leased; $null = New-CtrSnapshot leasedbuilt; $null = Save-CtrSnapshot leasedbuilt leasedsaved }
            Use-CtrLease { $null = New-CtrSnapshot lost }
            Remove-CtrImage busybox:test
            """
        );
        await space.CollectAsync();
        var parent = space.Text("(Get-CtrSnapshot rooted).Parent");
        Assert.Equal(["leased", "leasedsaved", "rooted", "saved", parent], space.Texts("Get-CtrSnapshot"));
        Assert.Equal(
            ["snapshots/overlayfs leased", "snapshots/overlayfs leasedsaved"],
            space.Texts("(Get-CtrLease holding).Resources").Order()
        );
        Assert.Empty(space.Texts("Get-CtrSnapshot leased* | Where-Object { $_.Labels.ContainsKey('containerd.io/gc.root') }"));

        space.Engine.Require("Remove-CtrLease holding; Set-CtrSnapshot rooted -Label @{ 'containerd.io/gc.root' = $null }");
        await space.CollectAsync();
        Assert.Equal(["saved"], space.Texts("Get-CtrSnapshot"));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task The_difference_as_a_layer_equals_that_of_ctr(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite, withImage: true);
        var mount = Path.Combine(space.Folder, "m");
        Directory.CreateDirectory(mount);
        space.Engine.Require($"$null = New-CtrSnapshot work -Image busybox:test; $null = Mount-CtrSnapshot work '{mount}'");
        await File.WriteAllTextAsync(Path.Combine(mount, "added"), "hello", TestContext.Current.CancellationToken);
        File.Delete(Path.Combine(mount, "etc", "passwd"));
        space.Engine.Require($"Dismount-CtrSnapshot '{mount}'");
        var blobs = (await space.LinesAsync("content", "list", "--quiet")).Count;

        var file = Path.Combine(space.Folder, "layer.tar");
        Assert.Equal(file, space.Text($"(Export-CtrSnapshot work '{file}').FullName"));
        var theirs = Path.Combine(space.Folder, "theirs.tar");
        await Shell.RunAsync(
            "bash",
            "-c",
            $"'{space.DaemonFixture.Ctr}' --address '{space.DaemonFixture.Daemon.SocketPath}' -n {space.Namespace} snapshots diff --media-type application/vnd.oci.image.layer.v1.tar work > '{theirs}'"
        );
        // But for the moment of the export, which marks of what was deleted carry.
        var names = await Shell.RunAsync("tar", "-tf", file);
        Assert.Equal(await Shell.RunAsync("tar", "-tf", theirs), names);
        Assert.Equal("hello", await Shell.RunAsync("tar", "-xOf", file, "added"));
        Assert.Contains("added", names, StringComparison.Ordinal);
        Assert.Contains("etc/.wh.passwd", names, StringComparison.Ordinal);

        // Nothing of it stays in the store, nor a view or a lease.
        await space.CollectAsync();
        Assert.Equal(blobs - 1, (await space.LinesAsync("content", "list", "--quiet")).Count);
        Assert.DoesNotContain(await space.RowsAsync("snapshots", "list"), r => r.Contains("diff", StringComparison.Ordinal));
        Assert.Empty(await space.RowsAsync("leases", "list"));

        space.Engine.Require(
            $"$null = Export-CtrSnapshot work '{space.Folder}/layer.tar.gz'; [void][IO.Directory]::CreateDirectory('{space.Folder}/d'); $null = Export-CtrSnapshot work '{space.Folder}/d' -Compression None"
        );
        Assert.Equal(names, await Shell.RunAsync("tar", "-tzf", $"{space.Folder}/layer.tar.gz"));
        Assert.Equal(names, await Shell.RunAsync("tar", "-tf", $"{space.Folder}/d/work.tar"));

        // As a blob it is kept, and is what the file is.
        var blob = Assert.Single(space.Engine.Require("Export-CtrSnapshot work -Compression None -Label @{ made = 'here' }"));
        Assert.Equal("Layer", blob.Properties["Kind"].Value.ToString());
        var digest = blob.ToString()!;
        Assert.Equal(names, await Shell.RunAsync("tar", "-tf", space.Text($"(Export-CtrContent {digest} '{space.Folder}/blob').FullName")));
        Assert.Equal(
            "sha256:"
                + (
                    await Shell.RunAsync(
                        "bash",
                        "-c",
                        $"gunzip -c '{space.Text($"$z = Export-CtrSnapshot work; ($z | Export-CtrContent -Path '{space.Folder}/zipped').FullName")}' | sha256sum"
                    )
                )[..64],
            space.Text("$z.Labels['containerd.io/uncompressed']")
        );
        await space.CollectAsync();
        Assert.Contains(digest, await space.LinesAsync("content", "list", "--quiet"));
        Assert.Contains(
            "made=here",
            Assert.Single(await space.RowsAsync("content", "list", $"digest=={digest}")),
            StringComparison.Ordinal
        );

        // A committed one, and one against another than its parent.
        space.Engine.Require($"$null = Save-CtrSnapshot work saved; $null = Export-CtrSnapshot saved '{space.Folder}/saved.tar'");
        // containerd compares two file systems then, and sees the directories otherwise.
        static IEnumerable<string> Files(string names) => names.Split('\n').Where(n => !n.EndsWith('/')).Order();
        Assert.Equal(Files(names), Files(await Shell.RunAsync("tar", "-tf", $"{space.Folder}/saved.tar")));
        Assert.Contains(
            "bin/busybox",
            await Shell.RunAsync(
                "bash",
                "-c",
                $"tar -tzf '{space.Text($"(Export-CtrSnapshot saved '{space.Folder}/all.tgz' -Base (New-CtrSnapshot nothing)).FullName")}'"
            ),
            StringComparison.Ordinal
        );

        Assert.Equal(ErrorIds.FileExists, space.ErrorId($"Export-CtrSnapshot saved '{file}' -NoClobber"));
        Assert.Equal(
            ErrorIds.FileExists,
            space.ErrorId($"'saved', 'nothing' | Export-CtrSnapshot -Path '{space.Folder}/same.tar' | Out-Null")
        );
        Assert.Equal(ErrorIds.FileNotWritable, space.ErrorId($"Export-CtrSnapshot saved '{space.Folder}/none/x.tar'"));
        Assert.Equal(ErrorIds.SnapshotNotFound, space.ErrorId($"Export-CtrSnapshot none '{space.Folder}/y.tar'"));
        Assert.False(File.Exists($"{space.Folder}/y.tar"));
        if (suite == "bookworm")
            Assert.Equal(ErrorIds.CompressionNotSupported, space.ErrorId($"Export-CtrSnapshot saved '{space.Folder}/z.tar.zst'"));
        else
            Assert.Equal(
                names,
                await Shell.RunAsync("tar", "--zstd", "-tf", space.Text($"(Export-CtrSnapshot saved '{space.Folder}/z.tar.zst').FullName"))
            );
        Assert.DoesNotContain(Directory.GetFiles(space.Folder), f => Path.GetFileName(f).StartsWith('.'));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task A_mount_is_visible_to_all_outlives_the_session_and_is_removed_with_its_view(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite, withImage: true);
        var mount = Directory.CreateDirectory(Path.Combine(space.Folder, "a b")).FullName;
        var made = Assert.Single(space.Engine.Require($"Get-CtrSnapshot | Mount-CtrSnapshot -Path '{mount}/'"));
        Assert.Equal(mount, made.ToString());
        Assert.True((bool)made.Properties["ReadOnly"].Value);
        // Another process sees it.
        Assert.Contains("passwd", await Shell.RunAsync("ls", $"{mount}/etc"), StringComparison.Ordinal);
        Assert.NotEqual(0, (await Shell.TryAsync("touch", $"{mount}/new")).Code);
        Assert.Single(await space.RowsAsync("snapshots", "list"), r => r.EndsWith(" View", StringComparison.Ordinal));
        await space.CollectAsync();
        Assert.Contains("passwd", await Shell.RunAsync("ls", $"{mount}/etc"), StringComparison.Ordinal);
        Assert.Equal([mount], space.Texts($"Get-CtrSnapshotMount '{space.Folder}/*'"));
        Assert.Equal([mount], space.Texts($"Get-CtrSnapshotMount '{mount}'"));

        Assert.Equal(ErrorIds.DirectoryMounted, space.ErrorId($"Get-CtrSnapshot -Kind Committed | Mount-CtrSnapshot -Path '{mount}'"));
        using (File.OpenRead(Path.Combine(mount, "etc", "passwd")))
            Assert.Equal(ErrorIds.MountBusy, space.ErrorId($"Dismount-CtrSnapshot '{mount}'"));
        // A PowerShell that has no session of that daemon.
        space.Engine.Require("Disconnect-CtrSession");
        space.Engine.Require($"Get-CtrSnapshotMount '{mount}' | Dismount-CtrSnapshot -WhatIf");
        Assert.NotEmpty(Directory.GetFileSystemEntries(mount));
        space.Engine.Require($"Get-CtrSnapshotMount '{mount}' | Dismount-CtrSnapshot");
        space.Engine.Require($"Connect-CtrSession {space.DaemonFixture.Daemon.Address} -Namespace {space.Namespace}");
        Assert.Empty(Directory.GetFileSystemEntries(mount));
        Assert.DoesNotContain(await space.RowsAsync("snapshots", "list"), r => r.EndsWith(" View", StringComparison.Ordinal));
        Assert.Equal(ErrorIds.MountNotFound, space.ErrorId($"Dismount-CtrSnapshot '{mount}'"));
        Assert.Empty(space.Texts($"Get-CtrSnapshotMount '{space.Folder}/*'"));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task A_mount_that_would_hide_or_break_something_is_rejected(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite, withImage: true);
        var mount = Directory.CreateDirectory(Path.Combine(space.Folder, "m")).FullName;
        var second = Directory.CreateDirectory(Path.Combine(space.Folder, "n")).FullName;
        space.Engine.Require("$null = New-CtrSnapshot work -Image busybox:test");
        Assert.Equal(ErrorIds.DirectoryNotFound, space.ErrorId($"Mount-CtrSnapshot work '{space.Folder}/none'"));
        await File.WriteAllTextAsync(Path.Combine(mount, "mine"), "", TestContext.Current.CancellationToken);
        Assert.Equal(ErrorIds.DirectoryNotEmpty, space.ErrorId($"Mount-CtrSnapshot work '{mount}'"));
        Assert.Equal(ErrorIds.NotADirectory, space.ErrorId($"Mount-CtrSnapshot work '{mount}/mine'"));
        File.Delete(Path.Combine(mount, "mine"));
        Assert.Equal(ErrorIds.SnapshotNotFound, space.ErrorId($"Mount-CtrSnapshot nothing '{mount}'"));

        space.Engine.Require($"$null = Mount-CtrSnapshot work '{mount}'");
        Assert.Equal(ErrorIds.SnapshotMounted, space.ErrorId($"Mount-CtrSnapshot work '{second}'"));
        Assert.Equal(ErrorIds.SnapshotMounted, space.ErrorId("Remove-CtrSnapshot work -Force"));
        await File.WriteAllTextAsync(Path.Combine(mount, "written"), "x", TestContext.Current.CancellationToken);
        space.Engine.Require($"$null = Mount-CtrSnapshot work '{second}' -ReadOnly");
        Assert.True(File.Exists(Path.Combine(second, "written")));
        Assert.NotEqual(0, (await Shell.TryAsync("touch", $"{second}/new")).Code);
        space.Engine.Require($"Dismount-CtrSnapshot '{space.Folder}/*'");
        Assert.Empty(Directory.GetFileSystemEntries(mount));
        Assert.Empty(Directory.GetFileSystemEntries(second));

        // The snapshot of a running container can only be mounted read-only.
        space.Engine.Require("$null = New-CtrContainer web -Image busybox:test -- sleep 1000 | Start-CtrTask");
        Assert.Equal(ErrorIds.SnapshotInUse, space.ErrorId($"Mount-CtrSnapshot web '{mount}'"));
        space.Engine.Require(
            $"$null = Get-CtrContainer web | Get-CtrSnapshot | Mount-CtrSnapshot -Path '{mount}' -ReadOnly; Invoke-CtrExec web -- touch /made"
        );
        space.Engine.Require($"Dismount-CtrSnapshot '{mount}'; Remove-CtrContainer web -Force");

        // In use, but out of sight.
        space.Engine.Require($"$null = Mount-CtrSnapshot work '{mount}'");
        using (File.OpenRead(Path.Combine(mount, "written")))
            space.Engine.Require($"Dismount-CtrSnapshot '{mount}' -Force");
        Assert.Empty(Directory.GetFileSystemEntries(mount));

        // Unmounted manually.
        space.Engine.Require($"$null = Get-CtrSnapshot -Kind Committed | Mount-CtrSnapshot -Path '{mount}'");
        await Shell.RunAsync("umount", mount);
        space.Engine.Require($"Dismount-CtrSnapshot '{mount}'");
        Assert.DoesNotContain(await space.RowsAsync("snapshots", "list"), r => r.EndsWith(" View", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Many_layers_are_mounted_whose_names_do_not_fit_into_a_page()
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, "bookworm");
        var mount = Directory.CreateDirectory(Path.Combine(space.Folder, "m")).FullName;
        space.Engine.Require(
            $$"""
            $parent = ''
            foreach ($i in 1..70) {
                $p = @{}; if ($parent) { $p.Parent = $parent }
                $null = New-CtrSnapshot "w$i" @p
                $parent = (Save-CtrSnapshot "w$i" "layer$i").Name
            }
            $top = New-CtrSnapshot top $parent
            $null = Mount-CtrSnapshot top '{{mount}}'
            """
        );
        var options = space.Engine.Require<int>("($top.Mounts[0].Options -join ',').Length");
        Assert.True(options > Environment.SystemPageSize, options.ToString(CultureInfo.InvariantCulture));
        await File.WriteAllTextAsync(Path.Combine(mount, "written"), "x", TestContext.Current.CancellationToken);
        space.Engine.Require(
            $"Dismount-CtrSnapshot '{mount}'; $null = Get-CtrSnapshot layer70 | Mount-CtrSnapshot -Path '{mount}'; Dismount-CtrSnapshot '{mount}'"
        );
        Assert.Contains(
            "written",
            await Shell.RunAsync("tar", "-tf", space.Text($"(Export-CtrSnapshot top '{space.Folder}/t.tar').FullName")),
            StringComparison.Ordinal
        );
        space.Engine.Require("Get-CtrSnapshot | Remove-CtrSnapshot");
        Assert.Empty(await space.RowsAsync("snapshots", "list"));
    }

    [Fact]
    public async Task Another_snapshotter_is_used_by_its_name_and_mounted_as_a_bind()
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, "bookworm", withImage: true);
        var mount = Directory.CreateDirectory(Path.Combine(space.Folder, "m")).FullName;
        space.Engine.Require(
            $"$n = New-CtrSnapshot work -Image busybox:test -Snapshotter native; $null = $n | Mount-CtrSnapshot -Path '{mount}'"
        );
        await File.WriteAllTextAsync(Path.Combine(mount, "written"), "x", TestContext.Current.CancellationToken);
        space.Engine.Require($"Dismount-CtrSnapshot '{mount}'; $null = $n | Mount-CtrSnapshot -Path '{mount}' -ReadOnly");
        Assert.NotEqual(0, (await Shell.TryAsync("touch", $"{mount}/new")).Code);
        space.Engine.Require($"Dismount-CtrSnapshot '{mount}'");
        Assert.Equal(ErrorIds.SnapshotNotFound, space.ErrorId("Get-CtrSnapshot work"));
        Assert.Equal("native", space.Text("(Get-CtrSnapshot work -Snapshotter native).Snapshotter"));
        Assert.Equal(["native", "overlayfs"], space.Texts("(Get-CtrSnapshot sha256:* -Snapshotter *).Snapshotter").Order());
        Assert.Equal(
            (await space.RowsAsync("snapshots", "--snapshotter", "native", "list")).Order(),
            space
                .Texts(
                    "Get-CtrSnapshot -Snapshotter native | ForEach-Object { (@($_.Name, $_.Parent, $_.Kind) | Where-Object { $_ -ne '' }) -join ' ' }"
                )
                .Order()
        );
        space.Engine.Require("$n | Remove-CtrSnapshot");
        Assert.Equal(ErrorIds.SnapshotNotFound, space.ErrorId("Get-CtrSnapshot work -Snapshotter native"));
    }
}

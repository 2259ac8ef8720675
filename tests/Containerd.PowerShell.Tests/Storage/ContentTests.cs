using System.Diagnostics;
using System.Management.Automation;
using System.Security.Cryptography;
using System.Text.Json;
using Containerd.Client.Transport;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Storage;

/// <summary>The content store, compared with containerd's own client.</summary>
public sealed class ContentTests(DaemonFixtures fixtures)
{
    public static TheoryData<string> Suites => ["bookworm", "sid"];

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task Blobs_are_listed_like_in_ctr_and_their_kinds_are_distinguished(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite, withImage: true);
        space.Engine.Require("$null = Import-CtrContent -Value mine -Label @{ app = 'web'; other = '1' }");
        Assert.Equal((await space.LinesAsync("content", "list", "--quiet")).Order(StringComparer.Ordinal), space.Texts("Get-CtrContent"));
        Assert.Equal(
            (await space.CtrAsync("content", "list"))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Skip(1)
                .Select(l => l.Split('\t'))
                .Select(c => $"{c[0]} {Labels(c[^1])}")
                .Order(StringComparer.Ordinal),
            space.Texts(
                "Get-CtrContent | ForEach-Object { $k = [string[]]@($_.Labels.Keys); [Array]::Sort($k, [StringComparer]::Ordinal); $l = $_.Labels; \"$($_.Digest) $((@($k | ForEach-Object { \"$_=$($l[$_])\" }) -join ','))\" }"
            )
        );

        // The kinds agree with the documents of the image.
        var manifest = space.Text("(Get-CtrImage busybox:test).Digest");
        var document = JsonDocument.Parse(await space.CtrAsync("content", "get", manifest)).RootElement;
        Assert.Equal([manifest], space.Texts("Get-CtrContent -Kind Manifest"));
        Assert.Equal([document.GetProperty("config").GetProperty("digest").GetString()!], space.Texts("Get-CtrContent -Kind Config"));
        Assert.Equal(
            document.GetProperty("layers").EnumerateArray().Select(l => l.GetProperty("digest").GetString()!),
            space.Texts("Get-CtrContent -Kind Layer")
        );
        Assert.Equal(
            document.GetProperty("layers")[0].GetProperty("size").GetInt64(),
            space.Engine.Require<long>("(Get-CtrContent -Kind Layer).Size")
        );
        Assert.Equal(
            "Config",
            space.Text($"(Get-CtrContent {document.GetProperty("config").GetProperty("digest").GetString()}).Kind.ToString()")
        );
        Assert.Equal(3, space.Texts("Get-CtrImage | Get-CtrContent").Count);
        Assert.Equal(space.Texts("Get-CtrContent -Image busybox:test"), space.Texts("Get-CtrContent -Kind Manifest, Config, Layer"));

        var mine = "sha256:" + Convert.ToHexString(SHA256.HashData("mine"u8)).ToLowerInvariant();
        Assert.Equal([mine], space.Texts("Get-CtrContent -Label @{ app = 'web' }"));
        Assert.Equal([mine], space.Texts("Get-CtrContent -Label @{ app = 'w*'; other = '?' }"));
        Assert.Equal([mine], space.Texts("Get-CtrContent -Filter 'labels.app==web'"));
        Assert.Equal(
            await space.LinesAsync("content", "list", "--quiet", "labels.app==web"),
            space.Texts("Get-CtrContent -Filter 'labels.app==web' -Label @{ other = '1' }")
        );
        Assert.Empty(space.Texts("Get-CtrContent -Filter 'labels.app==web' -Label @{ other = '2' }"));
        Assert.Equal([mine], space.Texts($"Get-CtrContent {mine[..12]}*"));
        Assert.Equal([mine], space.Texts($"Get-CtrContent {mine} | Get-CtrContent"));
        Assert.Equal([mine], space.Engine.Complete($"Get-CtrContent {mine[7..12]}").Select(c => c.CompletionText));
        Assert.Equal(ErrorIds.ContentNotFound, space.ErrorId($"Get-CtrContent sha256:{new string('0', 64)}"));
        Assert.Equal(ErrorIds.InvalidDigest, space.ErrorId("Get-CtrContent 4828263b452b"));
        Assert.Equal(ErrorIds.InvalidInput, space.ErrorId("$c = New-CtrContainer x -Image busybox:test; $c | Get-CtrContent"));
        space.Engine.Require("Remove-CtrContainer x");
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task ctr_reads_our_archives_and_vice_versa(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite);
        var bytes = RandomNumberGenerator.GetBytes((3 << 20) + 17);
        var digest = Digest(bytes);
        var file = Path.Combine(space.Folder, "blob[1]");
        await File.WriteAllBytesAsync(file, bytes, TestContext.Current.CancellationToken);

        // By path, by pipeline, as bytes one by one and in arrays, as text, and empty.
        Assert.Equal(
            digest,
            space.Text(
                $"Import-CtrContent -LiteralPath '{file}' -ExpectedDigest {digest} -ExpectedSize {bytes.Length} -Label @{{ a = 'b' }}"
            )
        );
        Assert.Equal(bytes, await ReadAsync(space, digest));
        Assert.StartsWith(
            "a=b,containerd.io/gc.root=",
            Labels(Assert.Single(await space.RowsAsync("content", "list")).Split(' ')[^1]),
            StringComparison.Ordinal
        );
        Assert.Equal(digest, space.Text($"[IO.FileInfo]'{file}' | Import-CtrContent"));
        Assert.Equal(digest, space.Text($"Import-CtrContent '{space.Folder}/blob*'"));
        Assert.Equal(Digest([1, 2, 255]), space.Text("[byte]1, [byte]2, [byte]255 | Import-CtrContent"));
        Assert.Equal(
            Digest([1, 2, 3, 4]),
            space.Text(
                ", [byte[]](1, 2), [byte[]](3, 4) | Import-CtrContent".Replace(", [byte[]](1", "[byte[]](1", StringComparison.Ordinal)
            )
        );
        Assert.Equal(Digest("{\"ä\":1}"u8.ToArray()), space.Text("Import-CtrContent -Value '{\"ä\":1}'"));
        Assert.Equal(Digest([]), space.Text("Import-CtrContent -Value ''"));
        Assert.Equal([1, 2, 255], await ReadAsync(space, Digest([1, 2, 255])));

        // ctr stores one; we read it in every way.
        var theirs = RandomNumberGenerator.GetBytes(200_000);
        await File.WriteAllBytesAsync(Path.Combine(space.Folder, "theirs"), theirs, TestContext.Current.CancellationToken);
        // Nothing holds it until it has its label, and other tests have the daemon collect garbage.
        var ctr = $"'{space.DaemonFixture.Ctr}' --address '{space.DaemonFixture.Daemon.SocketPath}' -n {space.Namespace} content";
        await Shell.RunAsync(
            "bash",
            "-c",
            $"for i in 1 2 3 4 5; do {ctr} ingest ours < '{space.Folder}/theirs' && {ctr} label {Digest(theirs)} containerd.io/gc.root=now && exit; done; exit 1"
        );
        var target = Path.Combine(space.Folder, "out");
        Assert.Equal(target, space.Text($"(Export-CtrContent {Digest(theirs)} '{target}').FullName"));
        Assert.Equal(theirs, await File.ReadAllBytesAsync(target, TestContext.Current.CancellationToken));
        Assert.Equal(
            theirs,
            space.Engine.Require($"Export-CtrContent {Digest(theirs)} -AsByteStream").Select(b => (byte)b.BaseObject).ToArray()
        );
        Assert.Equal(theirs, space.Engine.Require<byte[]>($"Export-CtrContent {Digest(theirs)} -AsByteStream -Raw"));
        Assert.Equal("{\"ä\":1}", space.Text($"Export-CtrContent {Digest("{\"ä\":1}"u8.ToArray())}"));
        Assert.Equal("", space.Text($"Export-CtrContent {Digest([])}"));
        Assert.Equal(ErrorIds.ContentNotText, space.ErrorId($"Export-CtrContent {Digest([1, 2, 255])}"));

        // Into a directory each has a file of its own; nothing is written over that should not be.
        Directory.CreateDirectory(Path.Combine(space.Folder, "d"));
        space.Engine.Require($"$null = Get-CtrContent | Export-CtrContent -Path '{space.Folder}/d'");
        foreach (var each in Directory.GetFiles(Path.Combine(space.Folder, "d")))
            Assert.Equal(
                "sha256:" + Path.GetFileName(each),
                Digest(await File.ReadAllBytesAsync(each, TestContext.Current.CancellationToken))
            );
        Assert.Equal(
            (await space.LinesAsync("content", "list", "--quiet")).Count,
            Directory.GetFiles(Path.Combine(space.Folder, "d")).Length
        );
        Assert.Equal(ErrorIds.FileExists, space.ErrorId($"Export-CtrContent {digest} '{target}' -NoClobber"));
        Assert.Equal(target, space.Text($"(Export-CtrContent {digest} '{target}').FullName"));
        Assert.Equal(bytes, await File.ReadAllBytesAsync(target, TestContext.Current.CancellationToken));
        Assert.Equal(ErrorIds.ConflictingParameters, space.ErrorId($"Export-CtrContent {digest} '{target}' -AsByteStream"));
        Assert.Empty(space.Texts($"Export-CtrContent {digest} '{space.Folder}/whatif' -WhatIf"));
        Assert.False(File.Exists(Path.Combine(space.Folder, "whatif")));
        Assert.Equal(ErrorIds.ContentNotFound, space.ErrorId($"Export-CtrContent sha256:{new string('0', 64)} '{space.Folder}/none'"));
        Assert.DoesNotContain(Directory.GetFiles(space.Folder), f => Path.GetFileName(f).StartsWith('.'));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task An_invalid_option_is_one_error_and_leaves_nothing(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite);
        var file = Path.Combine(space.Folder, "blob");
        await File.WriteAllTextAsync(file, "text", TestContext.Current.CancellationToken);
        var wrong = $"sha256:{new string('a', 64)}";
        Assert.Equal(ErrorIds.DigestMismatch, space.ErrorId($"Import-CtrContent '{file}' -ExpectedDigest {wrong}"));
        Assert.Equal(ErrorIds.SizeMismatch, space.ErrorId($"Import-CtrContent '{file}' -ExpectedSize 5"));
        Assert.Equal(ErrorIds.InvalidDigest, space.ErrorId($"Import-CtrContent '{file}' -ExpectedDigest sha256:abc"));
        Assert.Equal(ErrorIds.FileNotFound, space.ErrorId($"Import-CtrContent '{file}.none'"));
        Assert.Equal(ErrorIds.NotAFile, space.ErrorId($"Import-CtrContent '{space.Folder}'"));
        await Shell.RunAsync("mkfifo", file + ".fifo");
        using var writer = new FileStream(file + ".fifo", FileMode.Open, FileAccess.ReadWrite);
        Assert.Equal(ErrorIds.NotAFile, space.ErrorId($"Import-CtrContent '{file}.fifo'"));
        Assert.Empty(space.Texts($"Import-CtrContent '{file}' -WhatIf"));
        Assert.Empty(await space.LinesAsync("content", "list", "--quiet"));
        Assert.Empty(await space.RowsAsync("content", "active"));
        var done = space.Engine.Invoke($"'{file}.none', '{file}' | Import-CtrContent");
        Assert.Single(done.Output);
        Assert.Single(done.Errors);
        Assert.Equal(ErrorCategory.ObjectNotFound, done.Errors[0].CategoryInfo.Category);
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task A_damaged_copy_is_detected(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite);
        var digest = space.Text("Import-CtrContent -Value 'a text that will be damaged'");
        var stored = Path.Combine(
            space.DaemonFixture.Daemon.Daemon.Path,
            "root",
            "io.containerd.content.v1.content",
            "blobs",
            "sha256",
            digest[7..]
        );
        File.SetUnixFileMode(stored, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using (var blob = new FileStream(stored, FileMode.Open, FileAccess.Write))
            blob.WriteByte((byte)'A');
        Assert.Equal(ErrorIds.DigestMismatch, space.ErrorId($"Export-CtrContent {digest}"));
        Assert.Equal(ErrorIds.DigestMismatch, space.ErrorId($"Export-CtrContent {digest} '{space.Folder}/out'"));
        Assert.Empty(Directory.GetFileSystemEntries(space.Folder));
        Assert.Equal(ErrorIds.DigestMismatch, space.ErrorId($"$null = Export-CtrContent {digest} -AsByteStream"));
        space.Engine.Require($"Remove-CtrContent {digest}");
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task Labels_agree_with_ctr(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite);
        var digest = space.Text("Import-CtrContent -Value x -Label @{ a = '1'; b = '2' }");
        Assert.Empty(space.Engine.Require($"Set-CtrContent {digest} -Label @{{ a = 'x'; b = $null; 'long.dotted/key' = 'y' }}"));
        var row = Labels(Assert.Single(await space.RowsAsync("content", "list")).Split(' ')[^1]);
        Assert.StartsWith("a=x,", row, StringComparison.Ordinal);
        Assert.Contains("long.dotted/key=y", row, StringComparison.Ordinal);
        Assert.DoesNotContain("b=", row, StringComparison.Ordinal);
        await space.CtrAsync("content", "label", digest, "a=ctr");
        Assert.Equal("ctr", space.Text($"(Get-CtrContent {digest} | Set-CtrContent -Label @{{ c = 'd' }} -PassThru).Labels['a']"));
        Assert.Equal(ErrorIds.ContentNotFound, space.ErrorId($"Set-CtrContent sha256:{new string('0', 64)} -Label @{{ a = 'b' }}"));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task Objects_that_an_image_or_a_lease_needs_are_not_removed_without_force(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite, withImage: true);
        foreach (var digest in space.Texts("Get-CtrContent"))
        {
            var needed = space.Error($"Remove-CtrContent {digest}");
            Assert.Equal("ContentInUse,Containerd.PowerShell.RemoveCtrContentCommand", needed.FullyQualifiedErrorId);
            Assert.Contains(TestImages.Busybox, needed.Exception.Message, StringComparison.Ordinal);
        }

        space.Engine.Require("$null = New-CtrLease holding; Use-CtrLease -Id holding { $held = Import-CtrContent -Value held }");
        Assert.Contains("the lease 'holding'", space.Error("$held | Remove-CtrContent").Exception.Message, StringComparison.Ordinal);
        // Its own lease does not prevent it.
        space.Engine.Require("Use-CtrLease -Id holding { $held | Remove-CtrContent }");
        space.Engine.Require(
            "$free = Import-CtrContent -Value free; $free | Remove-CtrContent -WhatIf; $null = $free | Get-CtrContent; $free | Remove-CtrContent"
        );
        Assert.Equal(ErrorIds.ContentNotFound, space.ErrorId("$free | Remove-CtrContent"));
        Assert.Equal(3, (await space.LinesAsync("content", "list", "--quiet")).Count);
        space.Engine.Require("Get-CtrContent -Kind Layer | Remove-CtrContent -Force");
        Assert.Equal(2, (await space.LinesAsync("content", "list", "--quiet")).Count);
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task The_garbage_collector_keeps_the_content_of_our_leases_and_nothing_else(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite, withImage: true);
        var rooted = space.Text("Import-CtrContent -Value rooted");
        // An existing blob that another object protects is protected by this client too.
        var config = space.Text("Get-CtrContent -Kind Config");
        Assert.Equal(config, space.Text($"Import-CtrContent -Value (Export-CtrContent {config})"));
        var leased = space.Text("$null = New-CtrLease holding; Use-CtrLease -Id holding { Import-CtrContent -Value leased }");
        space.Engine.Require("Use-CtrLease { $null = Import-CtrContent -Value lost }; Remove-CtrImage busybox:test");
        await space.CollectAsync();
        Assert.Equal(
            new[] { rooted, config, leased }.Order(StringComparer.Ordinal),
            (await space.LinesAsync("content", "list", "--quiet")).Order(StringComparer.Ordinal)
        );
        Assert.Equal("False", space.Text($"(Get-CtrContent {leased}).Labels.ContainsKey('containerd.io/gc.root').ToString()"));

        space.Engine.Require($"Remove-CtrLease holding; Set-CtrContent {rooted} -Label @{{ 'containerd.io/gc.root' = $null }}");
        await space.CollectAsync();
        Assert.Equal([config], await space.LinesAsync("content", "list", "--quiet"));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task Layers_that_are_unpacked_are_released_and_the_image_still_runs(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite, withImage: true);
        var layer = space.Text("Get-CtrContent -Kind Layer");
        Assert.Empty(space.Texts("Clear-CtrContent -WhatIf"));
        Assert.Contains(layer, await space.LinesAsync("content", "list", "--quiet"));
        Assert.Equal([layer], space.Texts("Clear-CtrContent"));
        Assert.Equal(2, (await space.LinesAsync("content", "list", "--quiet")).Count);
        Assert.Equal("runs", space.Text("Invoke-CtrContainer busybox:test -- echo runs"));
        Assert.Empty(space.Texts("Clear-CtrContent"));

        // A layer that is not unpacked would be lost.
        space.Engine.Require($"Remove-CtrImage busybox:test; $null = Import-CtrImage '{await TestImages.BusyboxTarAsync()}' -NoUnpack");
        Assert.Empty(space.Texts("Clear-CtrContent"));
        Assert.Equal([layer], space.Texts("Clear-CtrContent -Force"));
    }

    [Fact]
    public async Task The_layers_of_named_images_are_released_and_those_that_others_need_are_kept_with_the_reason()
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, "bookworm", withImage: true);
        space.Engine.Require(
            "Set-CtrImage busybox:test -Tag twin:1; $null = New-CtrContainer base -Image busybox:test -- true; $null = New-CtrImage base child:1; Remove-CtrContainer base"
        );
        var layers = space.Texts("(Get-CtrImage child:1 -Detailed).Layers.Digest");
        Assert.Equal(2, layers.Count);

        // The same manifest has two names, and one of its layers is a layer of another image.
        var twin = space.Engine.Invoke("Clear-CtrContent busybox:test -WarningVariable kept");
        Assert.Empty(twin.Output);
        Assert.Contains("the image 'docker.io/library/twin:1' needs them", space.Text("[string]$kept"), StringComparison.Ordinal);
        space.Engine.Require("Remove-CtrImage twin:1");
        Assert.Empty(space.Texts("Clear-CtrContent busybox:test -WarningVariable kept"));
        Assert.Contains($"The layer {layers[0]} (", space.Text("[string]$kept"), StringComparison.Ordinal);
        Assert.Contains("the image 'docker.io/library/child:1' needs it", space.Text("[string]$kept"), StringComparison.Ordinal);
        Assert.All(layers, layer => Assert.Contains(layer, space.Texts("(Get-CtrContent).Digest")));

        Assert.Equal(
            "ImageNotFound,Containerd.PowerShell.ClearCtrContentCommand",
            space.Engine.Invoke("Clear-CtrContent nosuch").Error.FullyQualifiedErrorId
        );
        Assert.Empty(space.Texts("Clear-CtrContent nosuch*"));
        // Together they need nothing of each other.
        Assert.Equal(
            layers.Order(StringComparer.Ordinal),
            space.Texts("Get-CtrImage | Clear-CtrContent -WarningVariable kept").Order(StringComparer.Ordinal)
        );
        Assert.Equal("", space.Text("[string]$kept"));
    }

    [Fact]
    public async Task Layers_whose_snapshot_is_missing_are_kept_despite_the_label()
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, "bookworm", withImage: true);
        var layer = space.Text("Get-CtrContent -Kind Layer");
        space.Engine.Require("Get-CtrSnapshot -Kind Committed | Remove-CtrSnapshot -Force");
        Assert.Empty(space.Texts("Clear-CtrContent"));
        Assert.Contains(layer, await space.LinesAsync("content", "list", "--quiet"));
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public async Task Unfinished_writes_are_listed_like_in_ctr_and_removed(string suite)
    {
        await using var space = await StorageSpace.OpenAsync(fixtures, suite);
        using var writing = Process.Start(
            new ProcessStartInfo(
                space.DaemonFixture.Ctr,
                ["--address", space.DaemonFixture.Daemon.SocketPath, "-n", space.Namespace, "content", "ingest", "half done"]
            )
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        await writing.StandardInput.BaseStream.WriteAsync(new byte[(2 << 20) + 5], TestContext.Current.CancellationToken);
        await writing.StandardInput.BaseStream.FlushAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() =>
            space.Texts("(Get-CtrIngest).Offset") is [var offset]
            && long.Parse(offset, System.Globalization.CultureInfo.InvariantCulture) >= 1 << 20
        );

        Assert.Equal(["half done"], space.Texts("Get-CtrIngest"));
        Assert.StartsWith("half done ", Assert.Single(await space.RowsAsync("content", "active")), StringComparison.Ordinal);
        Assert.Equal(["half done"], space.Texts("Get-CtrIngest half*"));
        Assert.Equal(["half done"], space.Texts("Get-CtrIngest -Filter 'ref==\"half done\"'"));
        Assert.Equal(
            "True",
            space.Text(
                "$i = Get-CtrIngest 'half done'; ($null -eq $i.Total -and $i.Expected -eq '' -and $i.StartedAt -gt [datetime]::Now.AddMinutes(-5)).ToString()"
            )
        );
        Assert.Equal(ErrorIds.IngestNotFound, space.ErrorId("Get-CtrIngest nothing"));
        Assert.Empty(space.Texts("Get-CtrIngest no*"));
        Assert.Equal(["'half done'"], space.Engine.Complete("Remove-CtrIngest ha").Select(c => c.CompletionText));

        space.Engine.Require("Get-CtrIngest | Remove-CtrIngest -WhatIf");
        Assert.Single(await space.RowsAsync("content", "active"));
        writing.Kill();
        await writing.WaitForExitAsync(TestContext.Current.CancellationToken);
        space.Engine.Require("Get-CtrIngest | Remove-CtrIngest");
        Assert.Empty(await space.RowsAsync("content", "active"));
        Assert.Equal(ErrorIds.IngestNotFound, space.ErrorId("Remove-CtrIngest 'half done'"));
    }

    [Fact]
    public async Task Ctrl_C_returns_the_prompt_although_the_daemon_hangs_and_leaves_nothing()
    {
        await using var daemon = await PrivateDaemon.StartAsync();
        var folder = Directory.CreateTempSubdirectory("containerd-storage-").FullName;
        using var engine = new Engine();
        engine.Require(
            $"$null = Connect-CtrSession {daemon.Address} -Namespace {daemon.Namespace}; $blob = Import-CtrContent -Value x; $null = New-CtrSnapshot work; $null = Save-CtrSnapshot work base; $null = New-CtrLease mine"
        );
        await Shell.FreezeAsync(daemon.Daemon.Pid);
        string[] commands =
        [
            "Get-CtrContent",
            "Import-CtrContent -Value y",
            $"Export-CtrContent $blob.Digest '{folder}/blob'",
            "Get-CtrSnapshot",
            "New-CtrSnapshot next base",
            $"Export-CtrSnapshot base '{folder}/layer.tar'",
            $"Mount-CtrSnapshot base '{folder}'",
            "Use-CtrLease { 'not run' }",
            "Remove-CtrLease mine",
            "Measure-CtrStorage",
            $"Remove-CtrNamespace {daemon.Namespace} -Force -Confirm:$false",
            "Get-CtrRuntime",
            "Clear-CtrContent",
        ];
        foreach (var command in commands)
        {
            var running = engine.Start(command);
            await Task.Delay(200, TestContext.Current.CancellationToken);
            var stopping = Stopwatch.StartNew();
            await running.StopAsync();
            Assert.True(stopping.Elapsed < TimeSpan.FromSeconds(5), $"{command}: {stopping.Elapsed}");
            Assert.IsType<PipelineStoppedException>(running.Wait().Exception);
        }

        await Shell.RunAsync("kill", "-CONT", $"{daemon.Daemon.Pid}");
        // Names the objects that remain, if any.
        List<string> left = [];
        for (var wait = Stopwatch.StartNew(); wait.Elapsed < TimeSpan.FromSeconds(20) && (left = Left()).Count > 0; )
            await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Empty(left);
        Assert.Empty(engine.Require("Get-CtrSnapshot -Kind View"));
        Assert.Empty(Directory.GetFileSystemEntries(folder));
        engine.Require("Disconnect-CtrSession");
        Directory.Delete(folder);

        List<string> Left() =>
            [
                .. engine
                    .Require("Get-CtrLease | Where-Object Id -NE mine")
                    .Select(l => $"lease {l} of {((CtrLease)l.BaseObject).CreatedAt:HH:mm:ss.fff}, now {DateTime.Now:HH:mm:ss.fff}"),
                .. engine.Require("Get-CtrIngest").Select(i => $"ingest {i}"),
            ];
    }

    [Fact]
    public async Task A_daemon_that_hangs_for_longer_than_the_clean_up_deadline_keeps_nothing_of_cancelled_work()
    {
        await using var daemon = await PrivateDaemon.StartAsync();
        using var engine = new Engine();
        engine.Require($"$null = Connect-CtrSession {daemon.Address} -Namespace {daemon.Namespace}");
        await Shell.FreezeAsync(daemon.Daemon.Pid);
        foreach (var command in new[] { "Use-CtrLease { 'not run' }", "Import-CtrContent -Value y" })
        {
            var running = engine.Start(command);
            await Task.Delay(500, TestContext.Current.CancellationToken);
            await running.StopAsync();
        }

        // The requests are on their way, and clean-up by other requests has a deadline.
        await Task.Delay(BackgroundWork.CleanUpDeadline + TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        await Shell.RunAsync("kill", "-CONT", $"{daemon.Daemon.Pid}");
        await Eventually.TrueAsync(() => engine.Require("Get-CtrLease").Count == 0 && engine.Require("Get-CtrIngest").Count == 0);
        Assert.Empty(engine.Require("Get-CtrContent"));
        engine.Require("Disconnect-CtrSession");
    }

    /// <summary>Labels as ctr shows them, in order, which the one of 1.6 does not keep.</summary>
    private static string Labels(string text) => string.Join(',', text.Split(',').Order(StringComparer.Ordinal));

    private static string Digest(byte[] bytes) => "sha256:" + Convert.ToHexString(SHA256.HashData(bytes)).ToLowerInvariant();

    private static async Task<byte[]> ReadAsync(StorageSpace space, string digest)
    {
        var file = Path.Combine(space.Folder, $"read-{digest[7..15]}");
        await Shell.RunAsync(
            "bash",
            "-c",
            $"'{space.DaemonFixture.Ctr}' --address '{space.DaemonFixture.Daemon.SocketPath}' -n {space.Namespace} content get {digest} > '{file}'"
        );
        var bytes = await File.ReadAllBytesAsync(file);
        File.Delete(file);
        return bytes;
    }
}

using System.Diagnostics;
using System.Globalization;
using Containerd.PowerShell.Tests.Network;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Storage;

/// <summary>Clear-CtrStorage: everything that is not in use, and nothing else.</summary>
public sealed class ClearStorageTests(NetworkDaemon fixture) : IClassFixture<NetworkDaemon>, IAsyncLifetime
{
    private const string Child = "docker.io/library/child:1";
    private const string Idle = "-- sleep 1000";

    // Daemons of this machine share the state of the runtime.
    private readonly string _namespace = PrivateDaemon.Unique("clear");
    private readonly string _network = PrivateDaemon.Unique("n");
    private Engine _engine = null!;

    public async ValueTask InitializeAsync()
    {
        _engine = fixture.Open(_namespace);
        _engine.Require($"$null = Import-CtrImage '{await TestImages.BusyboxTarAsync()}'");
    }

    public ValueTask DisposeAsync()
    {
        _engine.Require($"Remove-CtrNamespace {_namespace} -Force -Confirm:$false; Get-CtrNetwork {_network}* | Remove-CtrNetwork");
        _engine.Require("Get-CtrVolume | Remove-CtrVolume");
        _engine.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void Everything_that_is_not_in_use_goes_with_what_only_a_removed_container_used()
    {
        Prepare();
        var shown = _engine.Display("Clear-CtrStorage -Volume -WhatIf");
        foreach (var name in new[] { "old", Child, _network, "\"Remove volume\"" })
            Assert.Contains(name, shown, StringComparison.Ordinal);
        foreach (var name in new[] { "up (", "busybox", $"{_network}-used" })
            Assert.DoesNotContain(name, shown, StringComparison.Ordinal);
        Assert.DoesNotContain("Remove volume", _engine.Display("Clear-CtrStorage -WhatIf"), StringComparison.Ordinal);
        Assert.Equal(
            "0 0 0 0 0",
            _engine.Require<string>(
                "$done = Clear-CtrStorage -Volume -OlderThan 1h -Confirm:$false; \"$($done.Containers) $($done.Volumes) $($done.Images) $($done.Networks) $($done.Ingests)\""
            )
        );

        var (before, volumes) = (Used(), Volumes());
        Assert.Single(volumes, v => v.Anonymous);
        var run = _engine.Invoke("Clear-CtrStorage -Volume -Confirm:$false -Verbose");
        Assert.Empty(run.Errors);
        Assert.Empty(run.Warnings);
        var cleanup = Assert.Single(run.Of<CtrStorageCleanup>());
        Assert.Equal((1, 1, 1, 1, 0), (cleanup.Containers, cleanup.Volumes, cleanup.Images, cleanup.Networks, cleanup.Ingests));
        Assert.Contains($"Removed image {Child}.", run.Verbose.Select(v => v.Message));
        Assert.Equal(before - Used() + volumes.Single(v => v.Anonymous).Size, cleanup.Freed);
        // The file in the volume and the one in the image's layer, which the store holds as a blob and as a snapshot.
        Assert.InRange(cleanup.Freed!.Value, 4 << 20, 8 << 20);
        Assert.Equal(["up"], Names("Get-CtrContainer"));
        Assert.Equal([TestImages.Busybox], Names("Get-CtrImage"));
        Assert.Equal([$"{_network}-used"], Names($"Get-CtrNetwork {_network}*"));
        Assert.Equal(["named"], Names("Get-CtrVolume"));
        Assert.Equal(CtrStatus.Running, _engine.Require<CtrTask>("Get-CtrTask up").Status);

        // Nothing more to clear: no question, which this host would answer with no.
        _engine.Host.Choose = _ => throw new InvalidOperationException("A question.");
        Assert.Equal("0B", _engine.Require<CtrStorageCleanup>("Clear-CtrStorage -Volume").ToString());
    }

    [Fact]
    public void One_question_has_the_numbers_and_the_size_and_the_answer_no_changes_nothing()
    {
        Prepare();
        var questions = new List<string>();
        _engine.Host.Choose = message =>
        {
            questions.Add(message);
            return No;
        };
        Assert.Empty(_engine.Invoke("Clear-CtrStorage").Output);
        Assert.Empty(_engine.Invoke("Clear-CtrStorage -Volume").Output);
        Assert.Equal(2, questions.Count);
        Assert.Contains(": 1 container, 1 image, 1 network. It frees about ", questions[0], StringComparison.Ordinal);
        Assert.Contains(": 1 container, 1 volume, 1 image, 1 network. It frees about ", questions[1], StringComparison.Ordinal);
        Assert.Equal(["old", "up"], Names("Get-CtrContainer"));
        Assert.Equal([TestImages.Busybox, Child], Names("Get-CtrImage"));
    }

    [Fact]
    public void What_is_used_between_the_question_and_the_removal_is_kept()
    {
        Prepare();
        using var other = fixture.Open(_namespace);
        other.Require($"$null = New-CtrContainer started, replaced -Image child:1 {Idle}; Set-CtrImage busybox:test -Tag moved:1");
        other.Require($"$null = New-CtrNetwork {_network}-late");
        _engine.Host.Choose = _ =>
        {
            other.Require(
                $"$null = Start-CtrTask started; $null = New-CtrContainer late -Image child:1 -Network {_network}-late {Idle}; "
                    + $"Remove-CtrContainer replaced; $null = New-CtrContainer replaced -Image child:1 {Idle}"
            );
            return Yes;
        };
        var run = _engine.Invoke("Clear-CtrStorage -Verbose");
        Assert.Empty(run.Errors);
        var cleanup = Assert.Single(run.Of<CtrStorageCleanup>());
        Assert.Equal((1, 0, 1), (cleanup.Containers, cleanup.Images, cleanup.Networks));
        foreach (var kept in new[] { "container started", $"container replaced", $"image {Child}", $"network {_network}-late" })
            Assert.Contains(run.Verbose, v => v.Message.StartsWith($"Kept {kept},", StringComparison.Ordinal));
        Assert.Equal(["late", "replaced", "started", "up"], Names("Get-CtrContainer"));
        Assert.Contains(Child, Names("Get-CtrImage"));
        other.Require("Start-CtrTask late");
    }

    [Fact]
    public void An_image_whose_name_has_changed_since_the_question_is_kept()
    {
        _engine.Require(
            $"$null = New-CtrContainer old -Image busybox:test {Idle}; $null = New-CtrImage old child:1; Remove-CtrContainer old"
        );
        using var other = fixture.Open(_namespace);
        _engine.Host.Choose = _ =>
        {
            other.Require("Set-CtrImage busybox:test -Tag child:1 -Force");
            return Yes;
        };
        Assert.Equal(1, _engine.Require<CtrStorageCleanup>("Clear-CtrStorage").Images);
        Assert.Equal([Child], Names("Get-CtrImage"));
    }

    [Fact]
    public async Task Interrupted_writes_go_and_writes_in_progress_stay()
    {
        var writing = await HalfAsync("going on");
        foreach (var reference in new[] { "interrupted", "held" })
            await EndAsync(await HalfAsync(reference));
        _engine.Require("$null = New-CtrLease holder -Expiry 1h; Add-CtrLeaseResource holder -Type ingests -Id held");
        // The daemon writes the time at the end of a write, and otherwise uses that of the file.
        foreach (var file in Directory.EnumerateFiles(Ingests, "ref", SearchOption.AllDirectories))
        {
            if ((await File.ReadAllTextAsync(file)).EndsWith("/going on", StringComparison.Ordinal))
                continue;
            var folder = Path.GetDirectoryName(file)!;
            var past = DateTime.UtcNow.AddMinutes(-20);
            await File.WriteAllTextAsync(Path.Combine(folder, "updatedat"), past.ToString("O", CultureInfo.InvariantCulture));
            File.SetLastWriteTimeUtc(Path.Combine(folder, "data"), past);
        }

        var size = _engine.Require<CtrIngest>("Get-CtrIngest interrupted").Offset;
        Assert.Equal(0, _engine.Require<CtrStorageCleanup>("Clear-CtrStorage -OlderThan 1h -Confirm:$false").Ingests);
        var cleanup = _engine.Require<CtrStorageCleanup>("Clear-CtrStorage -OlderThan 1m -Confirm:$false");
        Assert.Equal((0, 1, size), (cleanup.Images, cleanup.Ingests, cleanup.Freed));
        Assert.Equal(["going on", "held"], Names("Get-CtrIngest"));
        // The writer can still complete its blob.
        writing.StandardInput.Close();
        await writing.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, writing.ExitCode);
        writing.Dispose();
        _engine.Require("Remove-CtrIngest held; Remove-CtrLease holder");
    }

    [Fact]
    public async Task A_part_that_fails_is_one_error_and_the_other_parts_are_removed()
    {
        Prepare();
        var volume = Volumes().Single(v => v.Anonymous);
        var below = Path.Combine(volume.Path, "below");
        Directory.CreateDirectory(below);
        await Shell.RunAsync("mount", "-t", "tmpfs", "tmpfs", below);
        try
        {
            var run = _engine.Invoke("Clear-CtrStorage -Volume -Confirm:$false");
            var error = Assert.Single(run.Errors);
            Assert.Equal(volume.Name, Assert.IsType<CtrVolume>(error.TargetObject).Name);
            var cleanup = Assert.Single(run.Of<CtrStorageCleanup>());
            Assert.Equal((1, 0, 1, 1), (cleanup.Containers, cleanup.Volumes, cleanup.Images, cleanup.Networks));
        }
        finally
        {
            // The removal has renamed the folder of the volume.
            foreach (var line in await File.ReadAllLinesAsync("/proc/self/mounts", TestContext.Current.CancellationToken))
                if (line.Split(' ')[1] is var place && place.Contains($"/volumes/{_namespace}/", StringComparison.Ordinal))
                    await Shell.RunAsync("umount", place);
        }
    }

    [Fact]
    public async Task Two_at_once_share_the_work_without_an_error()
    {
        _engine.Require($"$null = 1..5 | ForEach-Object {{ New-CtrContainer \"c$_\" -Image busybox:test {Idle} }}");
        using var other = fixture.Open(_namespace);
        var runs = new[] { _engine, other }.Select(engine => engine.Start("Clear-CtrStorage -Confirm:$false")).ToList();
        var done = await Task.WhenAll(runs.Select(run => Task.Run(run.Wait)));
        Assert.All(done, run => Assert.Empty(run.Errors));
        Assert.Equal(5, done.Sum(run => run.Of<CtrStorageCleanup>().Single().Containers));
        Assert.Empty(Names("Get-CtrContainer; Get-CtrImage; Get-CtrSnapshot; Get-CtrContent; Get-CtrLease"));
    }

    [Fact]
    public async Task Ctrl_C_completes_the_removal_that_has_begun_and_shows_what_was_removed()
    {
        _engine.Require($"$null = 1..12 | ForEach-Object {{ New-CtrContainer \"c$_\" -Image busybox:test {Idle} }}");
        using var stopped = fixture.Open(_namespace);
        var running = stopped.Start("Clear-CtrStorage -Confirm:$false -Verbose");
        await Eventually.TrueAsync(() =>
            running.Streams.Verbose.Any(v => v.Message.StartsWith("Removed container", StringComparison.Ordinal))
        );
        await running.StopAsync();
        Assert.Matches($"WARNING: The clean-up of namespace '{_namespace}' was stopped. It had removed \\d+ containers?\\.", stopped.Shown);
        // The removal that had begun goes on for a moment.
        stopped.Require("Disconnect-CtrSession");
        var left = Names("Get-CtrContainer");
        Assert.InRange(left.Length, 1, 11);
        Assert.Contains(TestImages.Busybox, Names("Get-CtrImage"));
        // Each container that is left is whole, and nothing else is.
        Assert.Equal(left.Order(), Names("Get-CtrSnapshot -Kind Active").Order());
        _engine.Require($"$null = Start-CtrTask {left[0]}");
        Assert.Equal(left.Length - 1, _engine.Require<CtrStorageCleanup>("Clear-CtrStorage -Confirm:$false").Containers);
    }

    private const int Yes = 0;
    private const int No = 2;

    private string Ingests => Path.Combine(fixture.Daemon.Daemon.Path, "root", "io.containerd.content.v1.content", "ingest");

    /// <summary>
    /// A container that runs, with a network and a named volume, and one that does not, the only one with its image, a network and an
    /// anonymous volume.
    /// </summary>
    private void Prepare() =>
        _engine.Require(
            $"""
            $null = New-CtrNetwork {_network}, {_network}-used
            New-CtrContainer up -Image busybox:test -Network {_network}-used -Volume named:/named {Idle} | Start-CtrTask
            $null = New-CtrContainer base -Image busybox:test -- dd if=/dev/urandom of=/big bs=1M count=2 | Start-CtrTask | Wait-CtrTask
            $null = New-CtrImage base child:1
            Remove-CtrContainer base
            $null = New-CtrContainer old -Image child:1 -Network {_network} -Volume /data -- cp /big /data | Start-CtrTask | Wait-CtrTask
            """
        );

    /// <summary>A client that has written a part of a blob and waits.</summary>
    private async Task<Process> HalfAsync(string reference)
    {
        var writing = Process.Start(
            new ProcessStartInfo("ctr", ["--address", fixture.Daemon.SocketPath, "-n", _namespace, "content", "ingest", reference])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        await writing.StandardInput.BaseStream.WriteAsync(new byte[(2 << 20) + 5], TestContext.Current.CancellationToken);
        await writing.StandardInput.BaseStream.FlushAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() =>
            _engine.Invoke($"Get-CtrIngest '{reference}*'").Of<CtrIngest>().SingleOrDefault()?.Offset >= 1 << 20
        );
        return writing;
    }

    private static async Task EndAsync(Process process)
    {
        process.Kill();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.Dispose();
    }

    private CtrVolume[] Volumes() => [.. _engine.Invoke("Get-CtrVolume -Detailed").Of<CtrVolume>()];

    private long Used() =>
        _engine.Invoke("Measure-CtrStorage").Of<CtrStorageUsage>().Where(u => u.Kind != CtrStorageKind.Images).Sum(u => u.Size!.Value);

    private string[] Names(string script) => [.. _engine.Require(script).Select(o => o.ToString()).Order(StringComparer.Ordinal)];
}

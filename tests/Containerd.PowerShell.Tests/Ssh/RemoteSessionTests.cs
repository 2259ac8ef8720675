using System.Diagnostics;
using System.Management.Automation;
using System.Text.Json.Nodes;
using Containerd.PowerShell.Tests.Container;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Ssh;

/// <summary>
/// What needs the daemon's own host is refused at once on a session from elsewhere, with the way to do it, and leaves nothing on the
/// daemon.
/// </summary>
[Collection(SshFixture.Name)]
public sealed class RemoteSessionTests(SshFixture fixture) : IAsyncDisposable
{
    private readonly Engine _engine = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-remote-").FullName;

    public async ValueTask DisposeAsync()
    {
        _engine.Invoke("$far | Disconnect-CtrSession");
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
        await fixture.Host.AssertNoClientAsync();
    }

    public static TheoryData<string, string> Refusals =>
        new()
        {
            { "InvokeCtrExec", "Invoke-CtrExec up -- true" },
            { "InvokeCtrExec", "Invoke-CtrExec up -Detach -- true" },
            { "InvokeCtrExec", "Invoke-CtrExec up -NoStart -- true" },
            { "InvokeCtrExec", "'input' | Invoke-CtrExec up -- cat" },
            { "InvokeCtrExec", "Invoke-CtrExec up -OutFile FOLDER/out -- true" },
            { "InvokeCtrContainer", $"Invoke-CtrContainer {TestImages.Busybox} -- true" },
            { "InvokeCtrContainer", $"Invoke-CtrContainer {TestImages.Busybox} -Keep -Id kept -- true" },
            { "StartCtrTask", "Start-CtrTask stopped" },
            { "StartCtrTask", "Start-CtrTask stopped -NoLog -WithStdin" },
            { "StartCtrTask", "Start-CtrTask stopped -LogPath FOLDER/log" },
            { "StartCtrTask", "Start-CtrTask stopped -LogFormat Timestamped" },
            { "StartCtrTask", "Start-CtrTask stopped -Attach" },
            { "StartCtrTask", "Start-CtrTask stopped -CheckpointPath FOLDER" },
            { "NewCtrTask", "New-CtrTask stopped" },
            { "ConnectCtrTask", "Connect-CtrTask up -Attach" },
            { "SendCtrInput", "'x' | Send-CtrInput withinput" },
            { "GetCtrLog", "Get-CtrLog up" },
            { "GetCtrLog", "Get-CtrLog up -Follow" },
            { "CopyCtrItem", "Copy-CtrItem up:/etc/passwd FOLDER" },
            { "CopyCtrItem", "Copy-CtrItem FOLDER up:/tmp -Recurse" },
            { "CheckpointCtrTask", "Checkpoint-CtrTask up FOLDER/checkpoint" },
            { "RestoreCtrContainer", "Restore-CtrContainer FOLDER -Id restored" },
            { "MountCtrImage", $"Mount-CtrImage {TestImages.Busybox} FOLDER" },
            { "MountCtrSnapshot", "Mount-CtrSnapshot up FOLDER" },
            { "NewCtrContainer", $"New-CtrContainer named -Image {TestImages.Busybox} -User daemon -- true" },
            { "NewCtrContainer", $"New-CtrContainer named -Image {TestImages.Busybox} -User 1000 -- true" },
            { "NewCtrContainer", $"New-CtrContainer grouped -Image {TestImages.Busybox} -Group audio -- true" },
            { "NewCtrContainer", $"New-CtrContainer device -Image {TestImages.Busybox} -Device /dev/null -- true" },
            { "NewCtrContainer", $"New-CtrContainer privileged -Image {TestImages.Busybox} -Privileged -- true" },
            { "NewCtrContainer", $"New-CtrContainer attached -Image {TestImages.Busybox} -Network bridge -- true" },
            { "NewCtrContainer", $"New-CtrContainer published -Image {TestImages.Busybox} -Publish 8080:80 -- true" },
            { "NewCtrNetwork", "New-CtrNetwork never" },
            { "GetCtrNetwork", "Get-CtrNetwork" },
            { "RemoveCtrNetwork", "Remove-CtrNetwork never" },
            { "ClearCtrNetwork", "Clear-CtrNetwork -Confirm:$false" },
            { "NewCtrContainer", $"New-CtrContainer mounted -Image {TestImages.Busybox} -Volume data:/data -- true" },
            {
                "NewCtrContainer",
                $"New-CtrContainer part -Image {TestImages.Busybox} -Mount 'type=image,source={TestImages.Busybox},target=/x,subpath=bin' -- true"
            },
            { "NewCtrVolume", "New-CtrVolume never" },
            { "GetCtrVolume", "Get-CtrVolume" },
            { "ExportCtrVolume", "Export-CtrVolume never FOLDER/volume.tar" },
            { "ImportCtrVolume", "Import-CtrVolume FOLDER never" },
            { "RemoveCtrVolume", "Remove-CtrVolume never" },
            { "ClearCtrVolume", "Clear-CtrVolume -Confirm:$false" },
            { "TestCtrNetwork", "Test-CtrNetwork" },
            { "RepairCtrNetwork", "Repair-CtrNetwork" },
            { "MoveCtrPort", "Move-CtrPort up stopped" },
            { "ConnectCtrNetwork", "Connect-CtrNetwork up bridge" },
            { "DisconnectCtrNetwork", "Disconnect-CtrNetwork up bridge" },
            { "NewCtrSpec", $"New-CtrSpec named -Image {TestImages.Busybox} -User daemon -- true" },
        };

    [Fact]
    public async Task Operations_that_require_the_host_are_rejected_immediately_and_leave_nothing()
    {
        await PrepareAsync();
        var before = await StateAsync();
        foreach (var row in Refusals)
        {
            var (cmdlet, script) = row.Data;
            var clock = Stopwatch.StartNew();
            var done = _engine.Invoke(script.Replace("FOLDER", _folder, StringComparison.Ordinal));
            Assert.True(done.Errors.Count + (done.Exception is null ? 0 : 1) > 0, script);
            Assert.Equal(
                $"{script}: DaemonNotLocal,Containerd.PowerShell.{cmdlet}Command",
                $"{script}: {done.Error.FullyQualifiedErrorId}"
            );
            Assert.Equal(ErrorCategory.NotImplemented, done.Error.CategoryInfo.Category);
            Assert.Contains(
                $"Invoke-Command -HostName root@{fixture.Host.Address} -Port {TestSshHost.Port} {{ Import-Module Containerd; … }}",
                done.Error.ErrorDetails.RecommendedAction,
                StringComparison.Ordinal
            );
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), script);
            Assert.Equal(before, await StateAsync());
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
        var start = _engine.Invoke("Start-CtrTask stopped").Error;
        Assert.Contains("-NoLog", start.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains($"ssh://root@{fixture.Host.Address}", start.Exception.Message, StringComparison.Ordinal);
        // The log of its last start is on the other host.
        foreach (var name in new[] { "up", "withinput" })
            Assert.StartsWith(
                "StreamsNotKnown,",
                _engine.Invoke($"Restart-CtrTask {name}").Error.FullyQualifiedErrorId,
                StringComparison.Ordinal
            );
        Assert.Equal(before, await StateAsync());
        await ClearAsync();
    }

    [Fact]
    public async Task It_works_over_the_network_too()
    {
        await PrepareAsync();
        using var relay = new SocketRelay(fixture.DaemonFixture.Daemon.SocketPath);
        _engine.Require($"$net = Connect-CtrSession http://{relay.Address} -Namespace {fixture.DaemonFixture.Namespace}");
        foreach (
            var script in new[]
            {
                "Invoke-CtrExec up -- true",
                "Start-CtrTask stopped",
                "Get-CtrLog up",
                $"New-CtrContainer named -Image {TestImages.Busybox} -User daemon -- true",
            }
        )
        {
            var error = _engine.Invoke(script.Insert(script.IndexOf(' ', StringComparison.Ordinal), " -Session $net")).Error;
            Assert.StartsWith("DaemonNotLocal,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Contains("reached over the network", error.Exception.Message, StringComparison.Ordinal);
        }

        // What needs no host goes, to the removal of all of it.
        _engine.Require(
            $"New-CtrContainer net -Image {TestImages.Busybox} -Session $net -- sleep 1000; Start-CtrTask net -NoLog -Session $net; Remove-CtrContainer net -Force -Session $net; Disconnect-CtrSession $net"
        );
        await ClearAsync();
    }

    [Fact]
    public async Task A_task_that_another_client_created_is_started_with_its_streams()
    {
        await PrepareAsync();
        using var near = fixture.DaemonFixture.Open();
        near.Require($"New-CtrContainer made -Image {TestImages.Busybox} -- sleep 1000; New-CtrTask made");
        Assert.Equal(CtrStatus.Running, _engine.Require<CtrTask>("Start-CtrTask made").Status);
        _engine.Require("Remove-CtrContainer made -Force");
        near.Require("Disconnect-CtrSession");
        await ClearAsync();
    }

    [Fact]
    public async Task Images_are_mounted_there_and_the_volumes_of_an_image_are_left_out_with_one_warning()
    {
        Connect();
        var declared = await ChangedImage.MakeAsync(_folder, "docker.io/library/remote-volumes:test", config =>
            config["Volumes"] = new JsonObject { ["/data"] = new JsonObject(), ["/logs"] = new JsonObject() }
        );
        var done = _engine.Invoke(
            $"""
            $null = Import-CtrImage '{declared}'
            New-CtrContainer remote -Image remote-volumes:test -Mount 'type=image,source={TestImages.Busybox},target=/x' -- sleep 1000
            """
        );
        Assert.Empty(done.Errors);
        Assert.Contains("(/data, /logs)", Assert.Single(done.Warnings).Message, StringComparison.Ordinal);
        var root = $"/proc/{_engine.Require<CtrTask>("Start-CtrTask remote -NoLog").Pid}/root";
        Assert.True(File.Exists(root + "/x/bin/busybox"));
        File.WriteAllText(root + "/new", "changed");
        var changes = _engine.Require("Get-CtrDiff remote").Select(change => ((CtrFileChange)change.BaseObject).Path).ToList();
        Assert.Contains("/new", changes);
        _engine.Require($"$null = Export-CtrContainer remote '{_folder}/remote.tar'");
        Assert.Equal("changed", await Shell.RunAsync("tar", "-xOf", _folder + "/remote.tar", "new"));
        _engine.Require("Remove-CtrContainer remote -Force; Remove-CtrImage remote-volumes:test");

        // Networks and volumes are that host's: they are left out, each with one warning.
        var place = PrivateDaemon.Unique("cleared");
        var cleared = _engine.Invoke(
            $"$null = Import-CtrImage '{declared}' -Namespace {place}; Clear-CtrStorage -Volume -Namespace {place} -Confirm:$false"
        );
        Assert.Empty(cleared.Errors);
        Assert.Equal(1, Assert.Single(cleared.Of<CtrStorageCleanup>()).Images);
        Assert.Equal(2, cleared.Warnings.Count(warning => warning.Message.EndsWith(" They are left out.", StringComparison.Ordinal)));
        _engine.Require($"Remove-CtrNamespace {place} -Force -Confirm:$false");
        Assert.Empty(await fixture.DaemonFixture.LeftAsync());
    }

    private void Connect() => _engine.Require($"$far = Connect-CtrSession {fixture.ToDaemon}");

    /// <summary>A container that runs, one with an input, and one whose task has ended.</summary>
    private async Task PrepareAsync()
    {
        using var near = fixture.DaemonFixture.Open();
        near.Require(
            $"""
            New-CtrContainer up -Image {TestImages.Busybox} -- sleep 1000 | Start-CtrTask
            New-CtrContainer withinput -Image {TestImages.Busybox} -- cat | Start-CtrTask -WithStdin
            New-CtrContainer stopped -Image {TestImages.Busybox} -- true | Start-CtrTask | Wait-CtrTask
            Disconnect-CtrSession
            """
        );
        Connect();
        await Task.CompletedTask;
    }

    private async Task ClearAsync()
    {
        _engine.Require("Get-CtrContainer | Remove-CtrContainer -Force");
        Assert.Empty(await fixture.DaemonFixture.LeftAsync());
    }

    private async Task<string> StateAsync() =>
        string.Join(
            '\n',
            [
                .. (await fixture.DaemonFixture.LeftAsync()).Order(StringComparer.Ordinal),
                .. (await fixture.DaemonFixture.CtrAsync("tasks", "list")).Split('\n').Order(StringComparer.Ordinal),
            ]
        );
}

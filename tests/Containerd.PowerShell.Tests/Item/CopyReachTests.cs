using System.Management.Automation;
using System.Net.Sockets;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Item;

/// <summary>
/// Which daemons' containers can be copied to and from: those whose files are on this machine, whatever their address looks like.
/// </summary>
public sealed class CopyReachTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public async Task A_daemon_over_the_network_is_refused()
    {
        await StartAsync();
        using var relay = new SocketRelay(DaemonFixture.Daemon.SocketPath);
        Engine.Require(
            $"$far = Connect-CtrSession http://{relay.Address} -Namespace {DaemonFixture.Namespace}; Get-CtrTask {Id} -Session $far"
        );
        AssertError(
            Engine.Invoke($"Copy-CtrItem {Id}:/etc/passwd {Folder} -Session $far").Error,
            ErrorIds.DaemonNotLocal,
            "CopyCtrItem",
            ErrorCategory.NotImplemented
        );
        var error = Engine.Invoke($"Get-CtrContainer {Id} -Session $far | Copy-CtrItem /etc/passwd :/tmp").Error;
        AssertError(error, ErrorIds.DaemonNotLocal, "CopyCtrItem", ErrorCategory.NotImplemented);
        Assert.Contains("Enter-PSSession", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Engine.Require("Disconnect-CtrSession $far");
    }

    [Fact]
    public async Task A_tunnel_to_a_daemon_of_this_machine_is_not_needed()
    {
        await StartAsync();
        using var relay = new SocketRelay(new UnixDomainSocketEndPoint($"{Folder}/relay.sock"), DaemonFixture.Daemon.SocketPath);
        Engine.Require(
            $"$near = Connect-CtrSession unix://{Folder}/relay.sock -Namespace {DaemonFixture.Namespace}; Copy-CtrItem {Id}:/etc/passwd {Folder}/got -Session $near; Disconnect-CtrSession $near"
        );
        Assert.StartsWith("root:", File.ReadAllText($"{Folder}/got"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_local_socket_of_a_daemon_with_remote_files_is_rejected()
    {
        await using var daemon = await PrivateDaemon.StartAsync(adjust: options =>
            options.ContainerdPath = Repository.Fixture("containerd-out-of-sight.sh")
        );
        using var engine = new Engine();
        engine.Require(
            $"$s = Connect-CtrSession {daemon.Address} -Namespace {daemon.Namespace}; Import-CtrImage {await TestImages.BusyboxTarAsync()}; New-CtrContainer {Id} -Image {Busybox} -- sleep 1000"
        );
        foreach (var script in new[] { $"Copy-CtrItem {Id}:/etc/passwd {Folder}", $"Copy-CtrItem /etc/passwd {Id}:/tmp" })
            AssertError(engine.Invoke(script).Error, ErrorIds.DaemonNotLocal, "CopyCtrItem", ErrorCategory.NotImplemented);
        // Nor can they be mounted here, though the socket is: nothing of what is asked for is made.
        AssertError(
            engine.Invoke($"Mount-CtrImage {Busybox} {Folder}").Error,
            ErrorIds.DaemonNotLocal,
            "MountCtrImage",
            ErrorCategory.NotImplemented
        );
        AssertError(
            engine.Invoke($"Mount-CtrSnapshot {Id} {Folder}").Error,
            ErrorIds.DaemonNotLocal,
            "MountCtrSnapshot",
            ErrorCategory.NotImplemented
        );
        Assert.DoesNotContain(engine.Require("Get-CtrSnapshotMount"), m => m.Properties["Path"].Value.ToString() == Folder);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Folder));
        engine.Require($"Remove-CtrContainer {Id}; Disconnect-CtrSession $s");
    }
}

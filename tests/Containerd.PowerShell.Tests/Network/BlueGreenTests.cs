using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Network;

/// <summary>The runbook that replaces a container by another one which publishes the same port.</summary>
public sealed class BlueGreenTests(NetworkDaemon fixture) : IClassFixture<NetworkDaemon>
{
    [Fact]
    public async Task The_port_is_switched_while_clients_connect_and_none_of_1000_requests_fails()
    {
        Assert.SkipWhen(HostProcess.Pwsh is null, "The runbook requires pwsh.");
        using var engine = fixture.Open("default");
        engine.Require(
            $"$null = New-CtrContainer blue -Image {TestImages.Busybox} -Publish 8106:80 -StopSignal KILL -- nc -ll -p 80 -e hostname | Start-CtrTask"
        );
        var clients = new PortClients(fixture.Daemon.Daemon.Pid, "127.0.0.1", 8106);
        await Eventually.TrueAsync(() => IsListening("blue"));
        var requests = clients.RunAsync(1000);
        await Eventually.TrueAsync(() => clients.Answers("blue") >= 100, TimeSpan.FromSeconds(60));
        var runbook = Path.Combine(Repository.Root, "docs", "runbooks", "Switch-BlueGreen.ps1");
        // The default command line of the second container is that of the first.
        var run = await HostProcess.RunInPwshAsync(
            $"Import-Module '{Repository.Module}'; $null = Connect-CtrSession {fixture.Daemon.Address}; "
                + $"$task = & '{runbook}' -Blue blue -Green green -Image {TestImages.Busybox} -Check sh, -c, 'netstat -ltn | grep -q :80' "
                + "-With @{ StopSignal = 'KILL' }; Say Task $task.ContainerId"
        );
        Assert.Equal("green", run["Task"]);
        await requests;
        Assert.Empty(clients.Failures);
        Assert.True(clients.Answers("blue") + clients.Answers("green") >= 1000);
        Assert.True(clients.Answers("green") > 100);
        Assert.Equal(CtrStatus.Stopped, engine.Require<CtrTask>("Get-CtrTask blue").Status);
        Assert.Equal("8106:80/tcp", engine.Require<CtrPort>("Get-CtrPort").ToString());
        engine.Require("Remove-CtrContainer blue, green -Force");
        Assert.Empty(engine.Require("Clear-CtrNetwork -Confirm:$false; Test-CtrNetwork"));

        bool IsListening(string id) => engine.Invoke($"Invoke-CtrExec {id} -- sh -c 'netstat -ltn | grep :80'").Output.Count > 0;
    }
}

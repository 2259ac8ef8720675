using System.Diagnostics;
using Containerd.Client;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Session;

public sealed class DaemonRestartTests
{
    [Fact]
    public async Task A_session_outlives_a_restart_of_its_daemon()
    {
        await using var daemon = await PrivateDaemon.StartAsync();
        using var engine = new Engine();
        var session = engine.Require<CtrSession>($"$session = Connect-CtrSession {daemon.Address}; $session");
        var before = engine.Require<CtrInfo>("Get-CtrInfo -Session $session");

        using (var containerd = Process.GetProcessById(daemon.Daemon.Pid))
        {
            containerd.Kill();
            await containerd.WaitForExitAsync();
        }

        var clock = Stopwatch.StartNew();
        var meanwhile = engine.Invoke("Get-CtrTask -Session $session");
        Assert.Matches("^Daemon(NotListening|Unavailable),", meanwhile.Error.FullyQualifiedErrorId);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2));

        await Eventually.TrueAsync(() => Shell.TryAsync("ctr", "--address", daemon.SocketPath, "version").Result.Code == 0);
        // No second try, and no new session.
        var after = engine.Require<CtrInfo>("Get-CtrInfo -Session $session");
        Assert.Equal(before.Uuid, after.Uuid);
        Assert.NotEqual(before.Pid, after.Pid);
        Assert.Equal(CtrDaemons.Find().Single(found => found.Name == daemon.Daemon.Name).Pid, after.Pid);
        Assert.Equal(CtrSessionState.Opened, session.State);
        Assert.Empty(engine.Require("Get-CtrTask -Session $session"));
        engine.Require("Disconnect-CtrSession $session");
    }
}

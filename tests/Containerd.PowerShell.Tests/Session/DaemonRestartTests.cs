using System.Diagnostics;
using Containerd.Client;
using Containerd.Client.Records;
using Containerd.Host;
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

        await KillAsync(daemon);
        var clock = Stopwatch.StartNew();
        var meanwhile = engine.Invoke("Get-CtrTask -Session $session");
        Assert.Matches("^Daemon(NotListening|Unavailable),", meanwhile.Error.FullyQualifiedErrorId);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, AtOnce.Limit);

        await Eventually.TrueAsync(() => Shell.TryAsync("ctr", "--address", daemon.SocketPath, "version").Result.Code == 0);
        // No second attempt, and no new session.
        var after = engine.Require<CtrInfo>("Get-CtrInfo -Session $session");
        Assert.Equal(before.Uuid, after.Uuid);
        Assert.NotEqual(before.Pid, after.Pid);
        Assert.Equal(CtrDaemons.Find().Single(found => found.Name == daemon.Daemon.Name).Pid, after.Pid);
        Assert.Equal(CtrSessionState.Opened, session.State);
        Assert.Empty(engine.Require("Get-CtrTask -Session $session"));
        engine.Require("Disconnect-CtrSession $session");
    }

    [Fact]
    public async Task Required_work_while_the_daemon_is_unavailable_is_done_when_it_is_available_again()
    {
        await using var daemon = await PrivateDaemon.StartAsync();
        using var client = await ContainerdClient.ConnectAsync(
            new ConnectOptions { Address = daemon.Address, Namespace = daemon.Namespace }
        );
        using var engine = new Engine();
        engine.Require(
            $"$null = Connect-CtrSession {daemon.Address} -Namespace {daemon.Namespace}; $null = Import-CtrImage '{await TestImages.BusyboxTarAsync()}'; New-CtrContainer web -Image busybox:test -- sleep 1000 | Start-CtrTask"
        );
        var ns = client.In();

        // The end of an input.
        var end = new TaskCompletionSource();
        var cat = ns.Execs.RunAsync(
            "web",
            new ExecStartOptions { Options = new ExecOptions { Command = ["cat"] } },
            new ProcessIo { Stdin = InputAsync(end.Task) }
        );
        await Eventually.TrueAsync(() => engine.Require("Get-CtrProcess web").Count == 2);
        await KillAsync(daemon);
        end.SetResult();
        Assert.Equal(0, (await cat.WaitAsync(TimeSpan.FromSeconds(40))).Exit.ExitCode);

        // A task that was paused for a while.
        await Eventually.TrueAsync(() => engine.Invoke("Get-CtrTask web").Errors.Count == 0);
        var frozen = await FrozenTask.FreezeAsync(ns.Scope, await ns.Tasks.GetAsync("web"), CancellationToken.None);
        Assert.Equal(CtrStatus.Paused, engine.Require<CtrTask>("Get-CtrTask web").Status);
        await KillAsync(daemon);
        await frozen.DisposeAsync();
        await Eventually.TrueAsync(() => engine.Invoke("Get-CtrTask web").Of<CtrTask>().SingleOrDefault()?.Status == CtrStatus.Running);
        engine.Require("Remove-CtrContainer web -Force; Disconnect-CtrSession");
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> InputAsync(Task end)
    {
        yield return "text"u8.ToArray();
        await end;
    }

    private static async Task KillAsync(PrivateDaemon daemon)
    {
        using var containerd = Process.GetProcessById(CtrDaemons.Find().Single(found => found.Name == daemon.Daemon.Name).Pid);
        containerd.Kill();
        await containerd.WaitForExitAsync();
    }
}

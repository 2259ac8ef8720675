using System.Diagnostics;
using Containerd.Client.Transport;
using Containerd.Host.Processes;
using Containerd.Testing;

namespace Containerd.Client.Tests.Daemons;

public sealed class DaemonSupervisionTests
{
    [Fact]
    public async Task A_killed_containerd_is_restarted_and_its_tasks_continue()
    {
        await using var daemon = await PrivateDaemon.StartAsync();
        await DaemonTraces.RunTaskAsync(daemon, "sleeper");
        var task = await daemon.CtrAsync("tasks", "list");
        DaemonTraces.Kill(daemon.Daemon.Pid);
        await Eventually.TrueAsync(() => Now(daemon) is { State: CtrDaemonState.Running } now && now.Pid != daemon.Daemon.Pid);
        await AnswersAsync(daemon);
        Assert.Equal(task, await daemon.CtrAsync("tasks", "list"));
        var pids = DaemonTraces.ProcessesOf(daemon);
        await CtrDaemons.StopAsync(daemon.Daemon.Name, force: true);
        DaemonTraces.AssertNothingLeft(daemon, pids);
    }

    [Fact]
    public async Task A_daemon_that_accepts_no_connections_is_not_shown_as_running()
    {
        await using var daemon = await PrivateDaemon.StartAsync();
        Assert.Equal(CtrDaemonState.Running, Now(daemon)!.State);
        var aside = daemon.SocketPath + ".aside";
        File.Move(daemon.SocketPath, aside);
        using (
            var refusing = new System.Net.Sockets.Socket(
                System.Net.Sockets.AddressFamily.Unix,
                System.Net.Sockets.SocketType.Stream,
                System.Net.Sockets.ProtocolType.Unspecified
            )
        )
        {
            // Bound and not listening, as the file that a killed daemon leaves.
            refusing.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(daemon.SocketPath));
            Assert.Equal(CtrDaemonState.Starting, Now(daemon)!.State);
        }

        File.Delete(daemon.SocketPath);
        Assert.Equal(CtrDaemonState.Starting, Now(daemon)!.State);
        File.Move(aside, daemon.SocketPath);
        Assert.Equal(CtrDaemonState.Running, Now(daemon)!.State);
    }

    [Theory]
    [InlineData("v2.3.4", "2.3.4")]
    [InlineData("1.6.20~ds1", "1.6.20")]
    [InlineData("2.1.0-rc.1+unknown", "2.1.0-rc.1")]
    [InlineData("version", "version")]
    public void A_version_is_shown_as_upstreams_number(string reported, string shown) =>
        Assert.Equal(shown, DaemonVersion.Normalize(reported));

    [Fact]
    public async Task The_end_of_the_starting_process_ends_the_daemon()
    {
        var name = PrivateDaemon.Unique("orphan");
        using var child = Host(name, detached: false);
        await using var daemon = await PrivateDaemon.AdoptAsync(name);
        await DaemonTraces.RunTaskAsync(daemon, "sleeper");
        var pids = DaemonTraces.ProcessesOf(daemon);
        child.Kill();
        await Eventually.TrueAsync(() => Now(daemon) is null);
        // A process that ends has no command line any more, and its id until its parent has seen the end.
        await Eventually.TrueAsync(() => DaemonTraces.ProcessesOf(daemon).Count == 0 && pids.All(pid => ProcessMark.Of(pid) is null));
        DaemonTraces.AssertNothingLeft(daemon, pids);
    }

    [Fact]
    public async Task A_detached_daemon_outlives_the_process_that_started_it()
    {
        var name = PrivateDaemon.Unique("detached");
        using var child = Host(name, detached: true);
        await using var daemon = await PrivateDaemon.AdoptAsync(name);
        child.Kill();
        await child.WaitForExitAsync();
        await AnswersAsync(daemon);
        Assert.True(Now(daemon)!.Detached);
        var pids = DaemonTraces.ProcessesOf(daemon);
        await CtrDaemons.StopAsync(name);
        DaemonTraces.AssertNothingLeft(daemon, pids);
    }

    [Fact]
    public async Task Leftovers_of_a_killed_supervisor_and_daemon_are_shown_as_stopped_and_removed_by_stop()
    {
        await using var daemon = await PrivateDaemon.StartAsync();
        await DaemonTraces.RunTaskAsync(daemon, "sleeper");
        var pids = DaemonTraces.ProcessesOf(daemon);
        DaemonTraces.Kill(ProcessMark.ParentOf(daemon.Daemon.Pid));
        Assert.Equal(CtrDaemonState.Running, Now(daemon)!.State);
        DaemonTraces.Kill(daemon.Daemon.Pid);
        await Eventually.TrueAsync(() => Now(daemon)!.State == CtrDaemonState.Stopped);
        Assert.Equal(
            ErrorIds.DaemonHasTasks,
            (await Assert.ThrowsAsync<CtrConflictException>(() => CtrDaemons.StopAsync(daemon.Daemon.Name))).ErrorId
        );
        await CtrDaemons.StopAsync(daemon.Daemon.Name, force: true);
        DaemonTraces.AssertNothingLeft(daemon, pids);
    }

    [Fact]
    public async Task A_new_daemon_can_use_the_name_of_a_dead_one()
    {
        await using var dead = await PrivateDaemon.StartAsync();
        DaemonTraces.Kill(ProcessMark.ParentOf(dead.Daemon.Pid));
        DaemonTraces.Kill(dead.Daemon.Pid);
        await Eventually.TrueAsync(() => Now(dead)!.State == CtrDaemonState.Stopped);
        await using var fresh = await PrivateDaemon.StartAsync(adjust: options => options.Name = dead.Daemon.Name);
        Assert.NotEqual(dead.Daemon.Path, fresh.Daemon.Path);
        Assert.False(Directory.Exists(dead.Daemon.Path));
    }

    [Fact]
    public async Task The_name_of_a_daemon_whose_process_has_just_exited_can_be_used_immediately()
    {
        var name = PrivateDaemon.Unique("again");
        using var child = Host(name, detached: false);
        await using var old = await PrivateDaemon.AdoptAsync(name);
        await DaemonTraces.RunTaskAsync(old, "sleeper");
        child.Kill();
        await child.WaitForExitAsync();
        // Unless its supervisor is done already.
        if (Now(old) is { } still)
            Assert.Equal(CtrDaemonState.Stopping, still.State);
        await using var fresh = await PrivateDaemon.StartAsync(adjust: options => options.Name = name);
        Assert.Equal(CtrDaemonState.Running, fresh.Daemon.State);
        Assert.NotEqual(old.Daemon.Path, fresh.Daemon.Path);
        Assert.False(Directory.Exists(old.Daemon.Path));
    }

    [Fact]
    public async Task Paused_tasks_are_killed_too()
    {
        await using var daemon = await PrivateDaemon.StartAsync();
        await DaemonTraces.RunTaskAsync(daemon, "sleeper");
        await daemon.CtrAsync("tasks", "pause", "sleeper");
        var pids = DaemonTraces.ProcessesOf(daemon);
        await CtrDaemons.StopAsync(daemon.Daemon.Name, force: true);
        DaemonTraces.AssertNothingLeft(daemon, pids);
    }

    private static CtrDaemon? Now(PrivateDaemon daemon) => CtrDaemons.Find().SingleOrDefault(found => found.Name == daemon.Daemon.Name);

    private static async Task AnswersAsync(PrivateDaemon daemon)
    {
        var waiting = Stopwatch.StartNew();
        while ((await Shell.TryAsync("ctr", "--address", daemon.SocketPath, "version")).Code != 0)
        {
            Assert.True(waiting.Elapsed < TimeSpan.FromSeconds(20), "it answers again");
        }
    }

    // This very test program, in another process: it starts a daemon and waits to be killed.
    private static Process Host(string name, bool detached) =>
        Process.Start(
            new ProcessStartInfo(Environment.ProcessPath!, [DaemonHost.Verb, name, detached ? "detached" : "attached"])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
            }
        )!;
}

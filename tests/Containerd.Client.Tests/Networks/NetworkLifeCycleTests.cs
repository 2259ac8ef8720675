using System.Diagnostics;
using Containerd.Host.Networks.Requests;
using Containerd.Testing;

namespace Containerd.Client.Tests.Networks;

/// <summary>Containers with networks on each containerd and runtime: whatever ends them, nothing is left.</summary>
public sealed class NetworkLifeCycleTests
{
    private const string Serve = "exec busybox nc -ll -p 80 -e echo served";

    [Theory]
    [InlineData("bookworm", "runc")]
    [InlineData("bookworm", "crun")]
    [InlineData("trixie", "runc")]
    [InlineData("sid", "runc")]
    [InlineData("sid", "crun")]
    public async Task Nothing_is_left_of_a_container_however_it_ends(string suite, string runtime)
    {
        await using var daemon = await NetworkDaemon.StartAsync(suite, runtime);
        await StoppedAndRemoved(daemon);
        await EndsByItself(daemon);
        await RemovedByAnotherClient(daemon);
        await ShimIsKilled(daemon, afterExit: false);
        await ShimIsKilled(daemon, afterExit: true);
        await PluginFails(daemon);
        await StartIsCalledBack(daemon);
        await HelperIsGone(daemon);
    }

    [Theory]
    [InlineData("bookworm", "runc")]
    [InlineData("sid", "runc")]
    public async Task Networks_survive_the_daemon_and_the_restart_monitor_attaches_containers_again(string suite, string runtime)
    {
        await using var daemon = await NetworkDaemon.StartAsync(suite, runtime);
        await daemon.CreateAsync("web", Serve, labels: new Dictionary<string, string> { ["containerd.io/restart.status"] = "running" });
        await Eventually.TrueAsync(() => IsComplete(daemon, "web"), TimeSpan.FromSeconds(60));
        Assert.Equal("served", await daemon.FetchAsync());

        var first = (await daemon.Ns.Tasks.GetAsync("web")).Pid;
        Process.GetProcessById(first).Kill();
        await Eventually.TrueAsync(() => IsComplete(daemon, "web") && Record(daemon, "web")?.Pid != first, TimeSpan.FromSeconds(60));
        Assert.Equal("served", await daemon.FetchAsync());
        await daemon.Daemon.CtrAsync("containers", "label", "web", "containerd.io/restart.status=stopped");
        await Eventually.TrueAsync(() => Record(daemon, "web") is null, TimeSpan.FromSeconds(60));
        await daemon.AssertNothingLeftAsync();

        // A removal is not undone by the monitor.
        await daemon.Daemon.CtrAsync("containers", "label", "web", "containerd.io/restart.status=running");
        await Eventually.TrueAsync(() => IsComplete(daemon, "web"), TimeSpan.FromSeconds(60));
        await daemon.Ns.Containers.RemoveAsync("web", force: true);
        Assert.Null(await daemon.Ns.Tasks.FindAsync("web"));
        await daemon.AssertNothingLeftAsync();
    }

    private static async Task StoppedAndRemoved(NetworkDaemon daemon)
    {
        await daemon.CreateAsync("web", Serve);
        await daemon.Ns.Tasks.StartAsync("web", new TaskStartOptions { NoLog = true });
        Assert.Equal("served", await daemon.FetchAsync());
        // Of two containers with one port, the second one does not start, and its error names the first.
        await daemon.CreateAsync("second", Serve);
        var failure = await FailsAsync(daemon, "second");
        Assert.Equal(ErrorIds.PortInUse, failure.ErrorId);
        Assert.Contains("the container 'web'", failure.Message, StringComparison.Ordinal);
        await daemon.Ns.Tasks.RemoveAsync("web", force: true);
        await daemon.AssertNothingLeftAsync();
        await daemon.Ns.Tasks.StartAsync("second", new TaskStartOptions { NoLog = true });
        Assert.Equal("served", await daemon.FetchAsync());
        await daemon.Ns.Tasks.RemoveAsync("second", force: true);
        await daemon.AssertNothingLeftAsync();
    }

    private static async Task EndsByItself(NetworkDaemon daemon)
    {
        await daemon.CreateAsync("short", "ip -o addr show eth0 | grep -q 10.88.1. || exit 9");
        await daemon.Ns.Tasks.StartAsync("short", new TaskStartOptions { NoLog = true });
        Assert.Equal(0, (await daemon.Ns.Tasks.WaitAsync("short")).ExitCode);
        await daemon.Ns.Tasks.RemoveAsync("short");
        await daemon.AssertNothingLeftAsync();
    }

    private static async Task RemovedByAnotherClient(NetworkDaemon daemon)
    {
        await daemon.Daemon.CtrAsync("tasks", "start", "--detach", "--null-io", "web");
        Assert.Equal("served", await daemon.FetchAsync());
        await daemon.Daemon.CtrAsync("tasks", "kill", "--signal", "SIGKILL", "web");
        await daemon.Ns.Tasks.WaitAsync("web");
        await daemon.Daemon.CtrAsync("tasks", "delete", "web");
        await daemon.AssertNothingLeftAsync();
    }

    private static async Task ShimIsKilled(NetworkDaemon daemon, bool afterExit)
    {
        var task = await daemon.Ns.Tasks.StartAsync("web", new TaskStartOptions { NoLog = true });
        using var shim = Process.GetProcessById(Containerd.Host.Processes.ProcessMark.ParentOf(task.Pid));
        if (afterExit)
        {
            await daemon.Ns.Tasks.SignalAsync("web", CtrSignal.Kill.Number);
            await daemon.Ns.Tasks.WaitAsync("web");
        }

        shim.Kill();
        await daemon.AssertNothingLeftAsync();
        // The daemon has noticed it, too.
        await Eventually.TrueAsync(() => daemon.Ns.Tasks.FindAsync("web").GetAwaiter().GetResult() is not { Status: CtrStatus.Running });
        await daemon.Ns.Tasks.RemoveAsync("web", force: true).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private static async Task PluginFails(NetworkDaemon daemon)
    {
        daemon.SetPlugin("""[ "$CNI_COMMAND" = DEL ] || { echo '{"code":100,"msg":"told to fail"}'; exit 1; }""");
        var failure = await FailsAsync(daemon, "web");
        Assert.Equal(ErrorIds.NetworkPluginFailed, failure.ErrorId);
        Assert.Contains("told to fail", failure.Message, StringComparison.Ordinal);
        await daemon.AssertNothingLeftAsync();
        daemon.SetPlugin(null);
    }

    private static async Task StartIsCalledBack(NetworkDaemon daemon)
    {
        // A container of its own: runc 1.3 keeps the state of a start that was called back, and does not start the container again.
        await daemon.CreateAsync("late", Serve);
        var reached = Path.Combine(daemon.OwnPlugins, "reached");
        var resume = Path.Combine(daemon.OwnPlugins, "resume");
        daemon.SetPlugin(
            $$"""[ "$CNI_COMMAND" = DEL ] || { : > {{reached}}; while [ ! -e {{resume}} ]; do sleep 0.05; done; echo '{"cniVersion":"1.0.0"}'; }"""
        );
        using var ctr = Process.Start(
            new ProcessStartInfo(
                "ctr",
                [
                    "--address",
                    daemon.Daemon.SocketPath,
                    "--namespace",
                    daemon.Daemon.Namespace,
                    "tasks",
                    "start",
                    "--detach",
                    "--null-io",
                    "late",
                ]
            )
        )!;
        await Eventually.TrueAsync(() => File.Exists(reached), TimeSpan.FromSeconds(60));
        ctr.Kill();
        await ctr.WaitForExitAsync();
        // The daemon ends the container's process; the hook runs on.
        await Eventually.TrueAsync(() => Record(daemon, "late") is { } record && !record.IsAlive(), TimeSpan.FromSeconds(60));
        await File.WriteAllTextAsync(resume, "");
        await daemon.AssertNothingLeftAsync();
        daemon.SetPlugin(null);
        await daemon.Ns.Tasks.RemoveAsync("late", force: true).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private static async Task HelperIsGone(NetworkDaemon daemon)
    {
        await daemon.Ns.Tasks.StartAsync("web", new TaskStartOptions { NoLog = true });
        File.Move(daemon.Helper, daemon.Helper + ".away");
        // Some runtimes fail as long as the process is not gone.
        await Eventually.TrueAsync(
            async () =>
            {
                await daemon.Ns.Tasks.RemoveAsync("web", force: true).ContinueWith(_ => { }, TaskScheduler.Default);
                return await daemon.Ns.Tasks.FindAsync("web") is null;
            },
            TimeSpan.FromSeconds(60)
        );
        Assert.NotEmpty(await daemon.RestAsync());
        var report = await daemon.SweepAsync();
        Assert.Empty(report.Failures);
        Assert.Single(report.Attachments);
        await daemon.AssertNothingLeftAsync();
        await daemon.Ns.Containers.RemoveAsync("web");
    }

    /// <summary>The failure of a start, also with crun, which does not report the output of a hook.</summary>
    private static async Task<NetworkFailure> FailsAsync(NetworkDaemon daemon, string id)
    {
        var error = await Assert.ThrowsAnyAsync<CtrException>(() => daemon.Ns.Tasks.StartAsync(id, new TaskStartOptions { NoLog = true }));
        var kept = NetworkFailure.ReadFile(daemon.Folders, daemon.Request(id, 1).Attachment);
        Assert.NotNull(kept);
        Assert.Equal((kept.ErrorId, kept.Kind, kept.Message), (error.ErrorId, error.GetType().Name, error.Message));
        return kept;
    }

    private static AttachmentRecord? Record(NetworkDaemon daemon, string id) =>
        AttachmentRecord.Read(daemon.Folders.RecordOf(daemon.Request(id, 1).Attachment));

    private static bool IsComplete(NetworkDaemon daemon, string id) => Record(daemon, id) is { Complete: true };
}

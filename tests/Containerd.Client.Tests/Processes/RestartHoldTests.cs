using Containerd.Testing;

namespace Containerd.Client.Tests.Processes;

/// <summary>Containers that containerd's restart monitor keeps running, by labels that any client can set.</summary>
public sealed class RestartHoldTests
{
    [Theory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    [InlineData("sid")]
    public async Task A_container_is_stopped_gracefully_started_paused_and_removed_while_the_monitor_keeps_it_running(string suite)
    {
        await using var bed = await RestartBed.StartAsync(suite);
        var ns = bed.Ns;

        // It needs more time for its end than the monitor has between two looks.
        var id = PrivateDaemon.Unique("c");
        await bed.CreateAsync(id, "trap 'sleep 3; exit 0' TERM; while :; do sleep 0.1; done", "always");
        var task = await ns.Tasks.StartAsync(id, new TaskStartOptions());
        Assert.Equal("running ", await bed.LabelsAsync(id));
        await bed.KilledAsync(task);

        await ReadyAsync(bed, id);
        var exit = await ns.Tasks.StopAsync(id, TimeSpan.FromSeconds(30));
        Assert.Equal(0, exit.ExitCode);
        await AssertStoppedAsync();
        await bed.LooksAsync();
        await AssertStoppedAsync();

        // A start hands it to the monitor again.
        task = await ns.Tasks.StartAsync(id, new TaskStartOptions());
        Assert.Equal("running ", await bed.LabelsAsync(id));
        await bed.KilledAsync(task);

        // A stop that is canceled leaves it to the monitor.
        await ReadyAsync(bed, id);
        using (var cancellation = new CancellationTokenSource())
        {
            var stopping = ns.Tasks.StopAsync(id, TimeSpan.FromHours(1), CtrSignal.Parse("CONT").Number, cancellation.Token);
            await Eventually.TrueAsync(async () => await bed.LabelsAsync(id) == " true");
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => stopping);
            Assert.Equal("running ", await bed.LabelsAsync(id));
        }

        await AssertPauseAsync(bed, id, isSupported: suite == "sid");
        await ns.Containers.RemoveAsync(id, new ContainerRemoveOptions { Force = true });
        await bed.LooksAsync();
        Assert.Null(await ns.Tasks.FindAsync(id));
        await Assert.ThrowsAsync<CtrNotFoundException>(() => ns.Containers.GetAsync(id));

        async Task AssertStoppedAsync() =>
            Assert.Equal((CtrStatus.Stopped, " true"), ((await ns.Tasks.GetAsync(id)).Status, await bed.LabelsAsync(id)));
    }

    private static async Task AssertPauseAsync(RestartBed bed, string id, bool isSupported)
    {
        var ns = bed.Ns;
        var before = await bed.RunningAsync(id, otherThan: 0);
        if (!isSupported)
        {
            var error = await Assert.ThrowsAsync<CtrNotSupportedException>(() => ns.Tasks.PauseAsync(id));
            Assert.Equal((ErrorIds.PauseNotSupported, id), (error.ErrorId, error.Subject));
            return;
        }

        await ns.Tasks.PauseAsync(id);
        await bed.LooksAsync();
        var paused = await ns.Tasks.GetAsync(id);
        Assert.Equal((CtrStatus.Paused, before.Pid, "running "), (paused.Status, paused.Pid, await bed.LabelsAsync(id)));
        await ns.Tasks.ResumeAsync(id);
    }

    /// <summary>The program has set its trap: it is in its loop.</summary>
    private static async Task ReadyAsync(RestartBed bed, string id)
    {
        var task = await bed.RunningAsync(id, otherThan: 0);
        await Eventually.TrueAsync(() => File.ReadAllText($"/proc/{task.Pid}/task/{task.Pid}/children").Length > 0);
    }
}

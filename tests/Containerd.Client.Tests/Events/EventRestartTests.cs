using System.Diagnostics;
using Containerd.Client.Wire.Events;
using WireEvents = Containerd.Client.Wire.Events;

namespace Containerd.Client.Tests.Events;

/// <summary>What a subscriber is told when the daemon is killed under it and comes back.</summary>
public sealed class EventRestartTests
{
    /// <summary>
    /// The tests take the starts before the daemon is killed: an event that the daemon has not sent by then is lost, and a process that
    /// neither the subscriber nor the daemon knows afterwards cannot be reported.
    /// </summary>
    private static readonly EventFilter Lives = new()
    {
        Types = new HashSet<CtrEventType> { CtrEventType.Start, CtrEventType.ExecStarted, CtrEventType.Exit },
    };

    [Theory]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    [InlineData("sid")]
    public async Task An_exit_while_the_daemon_was_unavailable_is_reported_once(string suite)
    {
        await using var fixture = await EventFixture.StartAsync(suite);
        var before = await fixture.RunAsync("before", null, "sleep", "1000");
        await using var subscription = await fixture.Namespace.Events.SubscribeAsync(Lives);
        var during = await fixture.RunAsync("during", null, "sleep", "1000");
        await fixture.RunAsync("stays", null, "sleep", "1000");
        await EventFixture.TakeAsync(subscription, 2);
        await fixture.WhileAwayAsync(() =>
        {
            Process.GetProcessById(before.Pid).Kill();
            Process.GetProcessById(during.Pid).Kill();
        });

        var seen = await EventFixture.TakeAsync(subscription, 2);
        Assert.Equal(["before", "during"], seen.Select(e => e.ContainerId).Order());
        Assert.All(seen, e => Assert.Equal(e.ContainerId, e.ProcessId));
        // The code is the real one, or it is unknown and the event says so: never a made-up one.
        Assert.All(seen, e =>
            Assert.True(e.ExitCode == 137 || (e.ExitCode is null && e.Error is not null && e.Reconciled), $"{e}: {e.ExitCode}, {e.Error}")
        );
        if (suite == "bookworm")
            Assert.All(seen, e => Assert.Equal(137, e.ExitCode));

        // The shims may hand their own word in late.
        Assert.Empty(await EventFixture.CollectAsync(subscription, TimeSpan.FromSeconds(6)));
        await fixture.Namespace.Tasks.StopAsync("stays", TimeSpan.Zero);
        Assert.Equal(
            ("stays", 137),
            (await EventFixture.TakeAsync(subscription, 1)).Select(e => (e.ContainerId, e.ExitCode!.Value)).Single()
        );
    }

    [Fact]
    public async Task An_exec_that_exited_while_the_daemon_was_unavailable_is_reported_once()
    {
        await using var fixture = await EventFixture.StartAsync();
        await using var subscription = await fixture.Namespace.Events.SubscribeAsync(Lives);
        await fixture.RunAsync("host", null, "sleep", "1000");
        var exec = await fixture.Namespace.Execs.StartAsync(
            "host",
            new ExecStartOptions { Options = new ExecOptions { Command = ["sleep", "1000"] } }
        );
        await EventFixture.TakeAsync(subscription, 2);
        await fixture.WhileAwayAsync(() => Process.GetProcessById(exec.Pid).Kill());
        var seen = await EventFixture.TakeAsync(subscription, 1);
        Assert.Equal((exec.ExecId, exec.Pid), (seen[0].ProcessId, seen[0].Pid));
        Assert.True(seen[0].ExitCode is 137 || seen[0].Error is not null, $"{seen[0].ExitCode}");
        Assert.Empty(await EventFixture.CollectAsync(subscription, TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task Events_after_a_restart_are_seen_and_labels_are_still_known()
    {
        await using var fixture = await EventFixture.StartAsync();
        await using var subscription = await fixture.Namespace.Events.SubscribeAsync(
            new EventFilter
            {
                Labels = new Dictionary<string, string> { ["keep"] = "yes" },
                Types = new HashSet<CtrEventType> { CtrEventType.Exit, CtrEventType.Start },
            }
        );
        await fixture.RunAsync("one", new Dictionary<string, string> { ["keep"] = "yes" }, "sleep", "1000");
        for (var round = 0; round < 3; round++)
            await fixture.WhileAwayAsync(() => { });
        await fixture.RunAsync("two", new Dictionary<string, string> { ["keep"] = "yes" }, "sleep", "1000");
        await fixture.Namespace.Tasks.StopAsync("one", TimeSpan.Zero);
        var seen = await EventFixture.TakeAsync(subscription, 3);
        Assert.Equal(
            [(CtrEventType.Start, "one"), (CtrEventType.Start, "two"), (CtrEventType.Exit, "one")],
            seen.Select(e => (e.Type, e.ContainerId))
        );
    }

    [Fact]
    public async Task A_process_that_the_daemon_lost_is_reported_once_whether_its_exit_is_late_or_not()
    {
        await using var fixture = await EventFixture.StartAsync();
        await using var subscription = await fixture.Namespace.Events.SubscribeAsync(Lives);
        await fixture.PublishAsync("/tasks/start", new WireEvents.TaskStart { ContainerId = "ghost", Pid = 4_000_001 });
        await EventFixture.TakeAsync(subscription, 1);
        await fixture.WhileAwayAsync(() => { });
        await fixture.PublishAsync(
            "/tasks/exit",
            new TaskExit
            {
                ContainerId = "ghost",
                Id = "ghost",
                Pid = 4_000_001,
                ExitStatus = 9,
            }
        );
        var seen = await EventFixture.TakeAsync(subscription, 1);
        Assert.Equal("ghost", seen[0].ContainerId);
        Assert.Empty(await EventFixture.CollectAsync(subscription, TimeSpan.FromSeconds(6)));
    }
}

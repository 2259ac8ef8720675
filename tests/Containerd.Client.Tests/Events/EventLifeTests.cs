using Containerd.Client.Wire.Events;
using Containerd.Client.Workloads.Stats;
using Containerd.Testing;
using WireEvents = Containerd.Client.Wire.Events;

namespace Containerd.Client.Tests.Events;

/// <summary>One exit for each life of a process, on real daemons.</summary>
public sealed class EventLifeTests
{
    private static readonly EventFilter OfTasks = new()
    {
        Types = new HashSet<CtrEventType> { CtrEventType.Create, CtrEventType.Start, CtrEventType.Exit, CtrEventType.Delete },
    };

    [Fact]
    public async Task Each_life_has_its_exit_although_the_container_gets_the_same_process_id_again()
    {
        await using var fixture = await EventFixture.StartAsync(adjust: o =>
            o.ContainerdPath = Repository.Fixture("containerd-with-few-pids.sh")
        );
        await using var subscription = await fixture.Namespace.Events.SubscribeAsync(
            new EventFilter { Types = new HashSet<CtrEventType> { CtrEventType.Exit } }
        );
        await fixture.CreateAsync("loop", "true");
        var pids = new List<int>();
        while (pids.Count < 3 || pids.Distinct().Count() == pids.Count)
        {
            Assert.True(pids.Count < 60, "No process id came twice.");
            pids.Add((await fixture.Namespace.Tasks.StartAsync("loop", new Client.TaskStartOptions { NoLog = true })).Pid);
            await fixture.Namespace.Tasks.WaitAsync("loop");
            await fixture.Namespace.Tasks.RemoveAsync("loop");
        }

        Assert.Equal(pids, (await EventFixture.TakeAsync(subscription, pids.Count)).Select(e => e.Pid));
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task The_exit_of_a_task_whose_shim_dies_later_is_reported_once_and_keeps_its_code(string suite)
    {
        await using var fixture = await EventFixture.StartAsync(suite);
        await using var all = await fixture.Namespace.Events.SubscribeAsync(OfTasks);
        // A filter in containerd's own language that does not let the starts through.
        await using var selected = await fixture.Namespace.Events.SubscribeAsync(
            new EventFilter { Raw = ["topic==\"/tasks/exit\"", "topic==\"/tasks/delete\""] }
        );
        await fixture.RunAsync("seven", null, "sh", "-c", "exit 7");
        var before = await EventFixture.TakeAsync(all, 3);
        await fixture.KillShimAsync("seven");
        var after = await EventFixture.TakeAsync(all, 1);
        Assert.Equal(
            [CtrEventType.Create, CtrEventType.Start, CtrEventType.Exit, CtrEventType.Delete],
            [.. before.Concat(after).Select(e => e.Type)]
        );
        Assert.Equal((7, 7), (before[2].ExitCode!.Value, after[0].ExitCode!.Value));
        Assert.Equal(
            [(CtrEventType.Exit, 7), (CtrEventType.Delete, 7)],
            (await EventFixture.TakeAsync(selected, 2)).Select(e => (e.Type, e.ExitCode!.Value))
        );
        // What comes next is the next life's.
        await fixture.Namespace.Tasks.StartAsync("seven", new Client.TaskStartOptions());
        Assert.Equal(
            [CtrEventType.Create, CtrEventType.Start, CtrEventType.Exit],
            (await EventFixture.TakeAsync(all, 3)).Select(e => e.Type)
        );
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task A_task_that_never_started_has_no_exit(string suite)
    {
        await using var fixture = await EventFixture.StartAsync(suite);
        await using var subscription = await fixture.Namespace.Events.SubscribeAsync(OfTasks);
        await fixture.CreateAsync("never", "sleep", "1000");
        await fixture.Namespace.Tasks.CreateAsync("never", new Client.TaskStartOptions());
        await fixture.Namespace.Tasks.RemoveAsync("never", force: true);
        await fixture.RunAsync("after", null, "sh", "-c", "exit 3");
        var seen = new List<CtrEvent>();
        while (!seen.Exists(e => e.Type == CtrEventType.Exit))
            seen.AddRange(await EventFixture.TakeAsync(subscription, 1));
        Assert.Equal(("after", 3), (seen[^1].ContainerId, seen[^1].ExitCode!.Value));
        // Where its event is not lost, the deletion says that it never started.
        Assert.All(seen.Where(e => e.Type == CtrEventType.Delete), e => Assert.Equal(("never", null), (e.ContainerId, e.ExitCode)));
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task Changes_of_tasks_while_the_stream_is_interrupted_are_reported_from_the_daemon_s_state(string suite)
    {
        await using var fixture = await EventFixture.StartAsync(suite);
        var folder = Directory.CreateTempSubdirectory("containerd-relay-").FullName;
        using var relay = new CuttableRelay(Path.Combine(folder, "s"), fixture.SocketPath);
        using var client = await ContainerdClient.ConnectAsync(new ConnectOptions { Address = "unix://" + Path.Combine(folder, "s") });
        await using var subscription = await client.In(fixture.Namespace.Namespace).Events.SubscribeAsync(OfTasks);
        await using var selected = await client
            .In(fixture.Namespace.Namespace)
            .Events.SubscribeAsync(new EventFilter { Raw = ["topic==\"/tasks/exit\""] });
        foreach (var id in new[] { "removed", "again", "stays" })
            await fixture.RunAsync(id, null, "sleep", "1000");
        await fixture.RunAsync("ended", null, "sh", "-c", "exit 4");
        await fixture.Namespace.Tasks.WaitAsync("ended");
        // A deletion may be lost on containerd 2.1, but none has happened yet.
        var before = await EventFixture.TakeAsync(subscription, 12 - 3);
        Assert.Equal(4, Assert.Single(before, e => e.Type == CtrEventType.Exit).ExitCode);

        relay.Cut();
        await fixture.RunAsync("short", null, "sh", "-c", "exit 5");
        await fixture.Namespace.Tasks.WaitAsync("short");
        await fixture.RunAsync("new", null, "sleep", "1000");
        foreach (var id in new[] { "removed", "again" })
            await fixture.Namespace.Tasks.RemoveAsync(id, force: true);
        var restarted = await fixture.Namespace.Tasks.StartAsync("again", new Client.TaskStartOptions());
        await fixture.Namespace.Tasks.RemoveAsync("ended");
        relay.Restore();

        var seen = await EventFixture.TakeAsync(subscription, 8, seconds: 60);
        Assert.All(seen, e => Assert.True(e.Reconciled, $"{e}"));
        Assert.Equal([(CtrEventType.Exit, 5)], Of("short").Select(e => (e.Type, e.ExitCode!.Value)));
        Assert.Equal([CtrEventType.Start], Of("new").Select(e => e.Type));
        Assert.Equal([(CtrEventType.Delete, 4)], Of("ended").Select(e => (e.Type, e.ExitCode!.Value)));
        // Their exit codes are no longer known.
        Assert.Equal([CtrEventType.Exit, CtrEventType.Delete], Of("removed").Select(e => e.Type));
        Assert.Equal([CtrEventType.Exit, CtrEventType.Delete, CtrEventType.Start], Of("again").Select(e => e.Type));
        Assert.All(Of("removed").Concat(Of("again").SkipLast(1)), e => Assert.True(e.ExitCode is null && e.Error is not null));
        Assert.Equal(restarted.Pid, Of("again")[2].Pid);

        // It goes on as before.
        await fixture.Namespace.Tasks.StopAsync("stays", TimeSpan.Zero);
        Assert.Equal(
            (CtrEventType.Exit, "stays", 137, false),
            (await EventFixture.TakeAsync(subscription, 1)).Select(e => (e.Type, e.ContainerId, e.ExitCode!.Value, e.Reconciled)).Single()
        );
        Assert.Equal(
            ["again", "ended", "removed", "short", "stays"],
            (await EventFixture.TakeAsync(selected, 5)).Select(e => e.ContainerId).Order()
        );

        List<CtrEvent> Of(string id) => [.. seen.Where(e => e.ContainerId == id)];
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task An_exec_that_started_and_exited_while_the_stream_was_interrupted_has_its_exit(string suite)
    {
        await using var fixture = await EventFixture.StartAsync(suite);
        var folder = Directory.CreateTempSubdirectory("containerd-relay-").FullName;
        using var relay = new CuttableRelay(Path.Combine(folder, "s"), fixture.SocketPath);
        using var client = await ContainerdClient.ConnectAsync(new ConnectOptions { Address = "unix://" + Path.Combine(folder, "s") });
        await using var subscription = await client
            .In(fixture.Namespace.Namespace)
            .Events.SubscribeAsync(
                new EventFilter
                {
                    Types = new HashSet<CtrEventType> { CtrEventType.ExecAdded, CtrEventType.ExecStarted, CtrEventType.Exit },
                }
            );
        await fixture.RunAsync("host", null, "sleep", "1000");
        foreach (var id in new[] { "ended", "runs", "waits" })
            await fixture.Namespace.Execs.CreateAsync(
                "host",
                new ExecStartOptions
                {
                    ExecId = id,
                    Options = new ExecOptions { Command = id == "ended" ? ["sh", "-c", "exit 4"] : ["sleep", "1000"] },
                }
            );
        Assert.All(await EventFixture.TakeAsync(subscription, 3), e => Assert.Equal(CtrEventType.ExecAdded, e.Type));

        relay.Cut();
        await fixture.Namespace.Execs.StartCreatedAsync("host", "ended");
        await fixture.Namespace.Tasks.WaitAsync("host", "ended");
        await fixture.Namespace.Execs.StartCreatedAsync("host", "runs");
        relay.Restore();

        var seen = await EventFixture.TakeAsync(subscription, 2, seconds: 60);
        Assert.All(seen, e => Assert.True(e.Reconciled, $"{e}"));
        Assert.Equal(
            [("ended", CtrEventType.Exit, (int?)4), ("runs", CtrEventType.ExecStarted, null)],
            seen.Select(e => (e.ProcessId, e.Type, e.ExitCode)).Order()
        );
        await fixture.Namespace.Tasks.SignalAsync("host", 9, "runs");
        Assert.Equal([("runs", 137)], (await EventFixture.TakeAsync(subscription, 1)).Select(e => (e.ProcessId, e.ExitCode!.Value)));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_filter_in_containerd_s_own_language_selects_from_whole_lives()
    {
        await using var fixture = await EventFixture.StartAsync();
        await using var exits = await fixture.Namespace.Events.SubscribeAsync(
            new EventFilter { Raw = ["topic==\"/tasks/exit\",event.container_id==\"a\""] }
        );
        await using var others = await fixture.Namespace.Events.SubscribeAsync(
            new EventFilter { Raw = ["topic~=|^/images/|", "topic==\"/tasks/paused\""] }
        );
        foreach (var (id, code) in new[] { ("a", 1u), ("b", 2u), ("a", 3u) })
        {
            await fixture.PublishAsync("/tasks/start", new WireEvents.TaskStart { ContainerId = id, Pid = 5 });
            await fixture.PublishAsync(
                "/tasks/exit",
                new TaskExit
                {
                    ContainerId = id,
                    Id = id,
                    Pid = 5,
                    ExitStatus = code,
                }
            );
            await fixture.PublishAsync(
                "/tasks/exit",
                new TaskExit
                {
                    ContainerId = id,
                    Id = id,
                    Pid = 5,
                    ExitStatus = 137,
                }
            );
            await fixture.PublishAsync(
                "/tasks/exit",
                new TaskExit
                {
                    ContainerId = id,
                    Id = id,
                    Pid = 0,
                    ExitStatus = 255,
                }
            );
        }

        await fixture.PublishAsync("/tasks/paused", new TaskPaused { ContainerId = "a" });
        Assert.Equal([1, 3], (await EventFixture.TakeAsync(exits, 2)).Select(e => e.ExitCode!.Value));
        Assert.Equal(CtrEventType.Paused, (await EventFixture.TakeAsync(others, 1)).Single().Type);
        Assert.Empty(await EventFixture.CollectAsync(exits, TimeSpan.FromMilliseconds(300)));
    }
}

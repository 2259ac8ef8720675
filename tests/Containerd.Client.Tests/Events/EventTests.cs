using Containerd.Client.Wire.Events;
using Containerd.Host;
using Containerd.Testing;
using WireEvents = Containerd.Client.Wire.Events;

namespace Containerd.Client.Tests.Events;

/// <summary>What a subscriber is told, on a daemon that stays.</summary>
public sealed class EventTests
{
    [Fact]
    public async Task Events_right_after_subscribing_are_received()
    {
        await using var fixture = await EventFixture.StartAsync();
        for (var round = 0; round < 20; round++)
        {
            await using var subscription = await fixture.Namespace.Events.SubscribeAsync();
            for (var i = 0; i < 50; i++)
                await fixture.PublishAsync("/tasks/paused", new TaskPaused { ContainerId = $"c{i}" });
            var seen = await EventFixture.TakeAsync(subscription, 50);
            Assert.Equal(Enumerable.Range(0, 50).Select(i => $"c{i}"), seen.Select(e => e.ContainerId));
        }
    }

    [Fact]
    public async Task Ten_thousand_events_of_one_container_come_in_order_and_none_is_lost()
    {
        await using var fixture = await EventFixture.StartAsync();
        await using var first = await fixture.Namespace.Events.SubscribeAsync();
        await using var second = await fixture.Namespace.Events.SubscribeAsync(new EventFilter { Ids = ["bur*"] });
        for (var i = 1; i <= 10_000; i++)
            await fixture.PublishAsync(
                "/tasks/exec-started",
                new TaskExecStarted
                {
                    ContainerId = "burst",
                    ExecId = "e",
                    Pid = (uint)i,
                }
            );
        foreach (var subscription in new[] { first, second })
        {
            var seen = await EventFixture.TakeAsync(subscription, 10_000, seconds: 60);
            Assert.Equal(Enumerable.Range(1, 10_000), seen.Select(e => e.Pid));
        }
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task The_life_of_a_container_is_reported_with_libcontainerd_s_fields(string suite)
    {
        await using var fixture = await EventFixture.StartAsync(suite);
        await using var subscription = await fixture.Namespace.Events.SubscribeAsync();
        var task = await fixture.RunAsync("life", null, "sleep", "1000");
        await fixture.Namespace.Execs.RunAsync(
            "life",
            new ExecStartOptions
            {
                ExecId = "x1",
                Options = new ExecOptions { Command = ["sh", "-c", "exit 7"] },
            },
            new ProcessIo()
        );
        await fixture.Namespace.Tasks.StopAsync("life", TimeSpan.Zero);
        await fixture.Namespace.Containers.RemoveAsync("life");

        var seen = new List<CtrEvent>();
        // Not waited for: the task's deletion, which a shim publishes by itself while it ends and may take to its grave, and the
        // snapshot's, which
        // nobody publishes when the garbage collector was faster than we.
        while (!seen.Exists(e => e.Type == CtrEventType.ContainerDelete))
            seen.AddRange(await EventFixture.TakeAsync(subscription, 1));
        // What happens to snapshots and content between is not this test's.
        var told = seen.Where(e => e.ContainerId == "life" && e.Type != CtrEventType.ContainerUpdate).ToList();
        Assert.Equal(
            [
                CtrEventType.ContainerCreate,
                CtrEventType.Create,
                CtrEventType.Start,
                CtrEventType.ExecAdded,
                CtrEventType.ExecStarted,
                CtrEventType.Exit,
                CtrEventType.Exit,
                CtrEventType.ContainerDelete,
            ],
            told.Where(e => e.Type != CtrEventType.Delete).Select(e => e.Type)
        );
        Assert.Equal(("life", task.Pid), told.Where(e => e.Type == CtrEventType.Start).Select(e => (e.ProcessId, e.Pid)).Single());
        Assert.Equal("x1", told.Single(e => e.Type == CtrEventType.ExecAdded).ProcessId);
        var exits = told.Where(e => e.Type == CtrEventType.Exit).ToList();
        Assert.Equal([("x1", 7), ("life", 137)], exits.Select(e => (e.ProcessId, e.ExitCode!.Value)));
        Assert.All(exits, e => Assert.InRange(e.ExitedAt!.Value, DateTime.Now.AddMinutes(-1), DateTime.Now.AddSeconds(1)));
        Assert.All(told, e => Assert.Same(fixture.Namespace.Session, e.Session));
        Assert.All(told, e => Assert.False(e.Reconciled));
        Assert.Equal("life", seen.Last(e => e.Type == CtrEventType.SnapshotPrepare).Name);
    }

    [Fact]
    public async Task An_exit_that_is_published_twice_is_reported_once()
    {
        await using var fixture = await EventFixture.StartAsync();
        await using var subscription = await fixture.Namespace.Events.SubscribeAsync();
        var exit = new TaskExit
        {
            ContainerId = "twice",
            Id = "twice",
            Pid = 77,
            ExitStatus = 5,
        };
        await fixture.PublishAsync("/tasks/exit", exit);
        await fixture.PublishAsync("/tasks/exit", exit);
        exit.Pid = 78;
        await fixture.PublishAsync("/tasks/exit", exit);
        Assert.Equal([77, 78], (await EventFixture.TakeAsync(subscription, 2)).Select(e => e.Pid));
        Assert.Empty(await EventFixture.CollectAsync(subscription, TimeSpan.FromMilliseconds(300)));
    }

    [Fact]
    public async Task Out_of_memory_stays_with_its_container_until_that_is_removed()
    {
        await using var fixture = await EventFixture.StartAsync();
        await using var subscription = await fixture.Namespace.Events.SubscribeAsync();
        await fixture.PublishAsync("/tasks/start", new WireEvents.TaskStart { ContainerId = "a", Pid = 1 });
        await fixture.PublishAsync("/tasks/oom", new TaskOOM { ContainerId = "a" });
        await fixture.PublishAsync("/tasks/start", new WireEvents.TaskStart { ContainerId = "b", Pid = 2 });
        await fixture.PublishAsync(
            "/tasks/exit",
            new TaskExit
            {
                ContainerId = "a",
                Id = "a",
                Pid = 1,
                ExitStatus = 137,
            }
        );
        await fixture.PublishAsync("/containers/delete", new ContainerDelete { Id = "a" });
        await fixture.PublishAsync("/tasks/start", new WireEvents.TaskStart { ContainerId = "a", Pid = 3 });
        var seen = await EventFixture.TakeAsync(subscription, 6);
        Assert.Equal([false, true, false, true, true, false], seen.Select(e => e.OomKilled));
        Assert.Equal("", seen[1].ProcessId);
    }

    [Fact]
    public async Task A_container_that_runs_out_of_memory_reports_it_before_its_exit()
    {
        await using var fixture = await EventFixture.StartAsync();
        await using var subscription = await fixture.Namespace.Events.SubscribeAsync(
            new EventFilter
            {
                Types = new HashSet<CtrEventType> { CtrEventType.Oom, CtrEventType.Exit },
            }
        );
        await fixture.Namespace.Containers.CreateAsync(
            new ContainerCreateOptions
            {
                Id = "hungry",
                Image = Containerd.Testing.TestImages.Busybox,
                Options = new SpecOptions
                {
                    // The shim observes the control group from the start on: a kill before that is not reported.
                    Command = ["sh", "-c", "until [ -e /go ]; do sleep 0.05; done; x=a; while :; do x=$x$x; done"],
                    Limits = new() { Memory = new CtrSize(8 << 20) },
                },
            }
        );
        var task = await fixture.Namespace.Tasks.StartAsync("hungry", new Client.TaskStartOptions());
        await File.WriteAllTextAsync($"/proc/{task.Pid}/root/go", "");
        var seen = await EventFixture.TakeAsync(subscription, 2);
        Assert.Equal([CtrEventType.Oom, CtrEventType.Exit], seen.Select(e => e.Type));
        Assert.True(seen[1].OomKilled);
        Assert.Equal(137, seen[1].ExitCode);
    }

    [Fact]
    public async Task An_event_of_an_open_subscription_reports_exhausted_memory_even_if_the_counter_does_not()
    {
        await using var fixture = await EventFixture.StartAsync();
        var filter = new EventFilter { Types = new HashSet<CtrEventType> { CtrEventType.Oom } };
        await using (var subscription = await fixture.Namespace.Events.SubscribeAsync(filter))
        {
            await fixture.RunAsync("reported", null, "sleep", "1000");
            await fixture.RunAsync("other", null, "sleep", "1000");
            await fixture.PublishAsync("/tasks/oom", new TaskOOM { ContainerId = "reported" });
            await EventFixture.TakeAsync(subscription, 1);
            Assert.True((await fixture.Namespace.Tasks.StopAsync("reported", TimeSpan.Zero))!.OomKilled);
            Assert.False((await fixture.Namespace.Tasks.StopAsync("other", TimeSpan.Zero))!.OomKilled);
            Assert.True((await fixture.Namespace.Tasks.GetAsync("reported")).OomKilled);

            // The next task of the container has not run out of memory.
            await fixture.Namespace.Tasks.StartAsync("reported", new Client.TaskStartOptions());
            Assert.False((await fixture.Namespace.Tasks.StopAsync("reported", TimeSpan.Zero))!.OomKilled);
            await fixture.Namespace.Tasks.StartAsync("reported", new Client.TaskStartOptions());
            await fixture.PublishAsync("/tasks/oom", new TaskOOM { ContainerId = "reported" });
            await EventFixture.TakeAsync(subscription, 1);
        }

        // Without a subscription the event may be of an earlier task.
        Assert.False((await fixture.Namespace.Tasks.StopAsync("reported", TimeSpan.Zero))!.OomKilled);
    }

    [Fact]
    public async Task Labels_of_a_container_that_is_removed_right_after_a_change_are_known()
    {
        await using var fixture = await EventFixture.StartAsync();
        await using var byLabel = await fixture.Namespace.Events.SubscribeAsync(
            new EventFilter
            {
                Labels = new Dictionary<string, string> { ["tier"] = "front" },
                Types = new HashSet<CtrEventType> { CtrEventType.ContainerDelete },
            }
        );
        for (var i = 0; i < 20; i++)
        {
            await fixture.Namespace.Containers.CreateAsync(
                new ContainerCreateOptions
                {
                    Id = $"quick{i}",
                    Image = Containerd.Testing.TestImages.Busybox,
                    Options = new SpecOptions { Command = ["true"] },
                }
            );
            await fixture.Namespace.Containers.SetLabelsAsync($"quick{i}", new Dictionary<string, string?> { ["tier"] = "front" });
            await fixture.Namespace.Containers.RemoveAsync($"quick{i}");
        }

        Assert.Equal(
            Enumerable.Range(0, 20).Select(i => $"quick{i}"),
            (await EventFixture.TakeAsync(byLabel, 20)).Select(e => e.ContainerId)
        );
    }

    [Fact]
    public async Task Filters_choose_by_type_id_label_and_containerd_s_own_language()
    {
        await using var fixture = await EventFixture.StartAsync();
        await using var byType = await fixture.Namespace.Events.SubscribeAsync(
            new EventFilter { Types = new HashSet<CtrEventType> { CtrEventType.Exit } }
        );
        await using var byId = await fixture.Namespace.Events.SubscribeAsync(
            new EventFilter
            {
                Ids = ["blu*"],
                Types = new HashSet<CtrEventType> { CtrEventType.Start },
            }
        );
        await using var byLabel = await fixture.Namespace.Events.SubscribeAsync(
            new EventFilter
            {
                Labels = new Dictionary<string, string> { ["tier"] = "fro*" },
                Types = new HashSet<CtrEventType> { CtrEventType.Exit, CtrEventType.ContainerDelete },
            }
        );
        await using var raw = await fixture.Namespace.Events.SubscribeAsync(
            new EventFilter { Raw = ["topic==\"/tasks/start\"", "topic~=|^/containers/d|"] }
        );

        foreach (var (id, tier) in new[] { ("blue", "front"), ("green", "back") })
        {
            await fixture.RunAsync(id, new Dictionary<string, string> { ["tier"] = tier }, "true");
            await fixture.Namespace.Tasks.WaitAsync(id);
            await fixture.Namespace.Containers.RemoveAsync(id);
        }

        Assert.Equal(["blue", "green"], (await EventFixture.TakeAsync(byType, 2)).Select(e => e.ContainerId));
        Assert.Equal(["blue"], (await EventFixture.TakeAsync(byId, 1)).Select(e => e.ContainerId));
        Assert.Equal(
            [(CtrEventType.Exit, "blue"), (CtrEventType.ContainerDelete, "blue")],
            (await EventFixture.TakeAsync(byLabel, 2)).Select(e => (e.Type, e.ContainerId))
        );
        Assert.Equal(
            [
                (CtrEventType.Start, "blue"),
                (CtrEventType.ContainerDelete, "blue"),
                (CtrEventType.Start, "green"),
                (CtrEventType.ContainerDelete, "green"),
            ],
            (await EventFixture.TakeAsync(raw, 4)).Select(e => (e.Type, e.ContainerId))
        );
        foreach (var rest in new[] { byType, byId, byLabel, raw })
            Assert.Empty(await EventFixture.CollectAsync(rest, TimeSpan.FromMilliseconds(200)));
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task Events_of_images_snapshots_content_and_namespaces_are_typed_too(string suite)
    {
        await using var fixture = await EventFixture.StartAsync(suite);
        await using var subscription = await fixture.Namespace.Events.SubscribeAsync();
        await fixture.Namespace.Images.RemoveAsync(TestImages.Busybox);
        await fixture.Namespace.Images.ImportAsync(await TestImages.BusyboxTarAsync(), new ImageImportOptions());
        await fixture.CtrAsync("images", "label", TestImages.Busybox, "colour=red");
        var digest = (await fixture.CtrAsync("content", "list", "-q")).Split('\n')[0];
        await fixture.CtrAsync("content", "delete", digest);
        await fixture.CtrAsync("namespaces", "label", fixture.Namespace.Namespace, "owner=tests");

        var seen = new List<CtrEvent>();
        while (!seen.Exists(e => e.Type == CtrEventType.NamespaceUpdate))
            seen.AddRange(await EventFixture.TakeAsync(subscription, 1));
        CtrEvent Only(CtrEventType type) => seen.First(e => e.Type == type);
        Assert.Equal(TestImages.Busybox, Only(CtrEventType.ImageDelete).Name);
        Assert.Equal(TestImages.Busybox, Only(CtrEventType.ImageCreate).Name);
        Assert.Equal(
            (TestImages.Busybox, "red"),
            (Only(CtrEventType.ImageUpdate).Name, Only(CtrEventType.ImageUpdate).Details["label:colour"])
        );
        Assert.Equal(
            (fixture.Namespace.Namespace, "tests"),
            (Only(CtrEventType.NamespaceUpdate).Name, Only(CtrEventType.NamespaceUpdate).Details["label:owner"])
        );
        Assert.StartsWith("sha256:", Only(CtrEventType.SnapshotCommit).Name, StringComparison.Ordinal);
        Assert.Equal(Only(CtrEventType.SnapshotPrepare).Name, Only(CtrEventType.SnapshotCommit).Details["Key"]);
        Assert.Contains(seen, e => e.Type == CtrEventType.ContentDelete && e.Name == digest);
        // containerd 1.6 says neither of these.
        if (suite == "sid")
        {
            Assert.Equal("overlayfs", Only(CtrEventType.SnapshotPrepare).Details["Snapshotter"]);
            Assert.Matches("^[1-9][0-9]*$", Only(CtrEventType.ContentCreate).Details["Size"]);
        }

        Assert.All(seen, e => Assert.Equal(("", fixture.Namespace.Namespace), (e.ContainerId, e.Namespace)));
        Assert.DoesNotContain(seen, e => e.Type == CtrEventType.Unknown);
    }

    [Fact]
    public async Task A_filter_that_does_not_parse_is_one_error()
    {
        await using var fixture = await EventFixture.StartAsync();
        var error = await Assert.ThrowsAsync<CtrArgumentException>(() =>
            fixture.Namespace.Events.SubscribeAsync(new EventFilter { Raw = ["topic is tasks"] })
        );
        Assert.Equal(ErrorIds.InvalidFilter, error.ErrorId);
    }

    [Fact]
    public async Task A_subscription_ends_with_its_session_and_by_itself()
    {
        await using var fixture = await EventFixture.StartAsync();
        var left = await fixture.Namespace.Events.SubscribeAsync();
        await left.DisposeAsync();
        Assert.Empty(await EventFixture.CollectAsync(left, TimeSpan.FromSeconds(5)));

        // The stream has ended with its last subscriber; a new one opens another.
        var kept = await fixture.Namespace.Events.SubscribeAsync();
        await fixture.PublishAsync("/tasks/paused", new TaskPaused { ContainerId = "c" });
        Assert.Single(await EventFixture.TakeAsync(kept, 1));
        fixture.Close();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await foreach (var _ in kept.Events.WithCancellation(deadline.Token)) { }
    }
}

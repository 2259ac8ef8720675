using Containerd.Client.Wire.Events;
using Containerd.Host;
using Containerd.Testing;

namespace Containerd.Client.Tests.Events;

/// <summary>What a subscriber is told, on a daemon that stays.</summary>
public sealed class EventTests
{
    [Fact]
    public async Task Events_right_after_subscribing_are_received()
    {
        await using var scene = await EventScene.StartAsync();
        for (var round = 0; round < 20; round++)
        {
            await using var subscription = await scene.Namespace.Events.SubscribeAsync();
            for (var i = 0; i < 50; i++)
                await scene.PublishAsync("/tasks/paused", new TaskPaused { ContainerId = $"c{i}" });
            var seen = await EventScene.TakeAsync(subscription, 50);
            Assert.Equal(Enumerable.Range(0, 50).Select(i => $"c{i}"), seen.Select(e => e.ContainerId));
        }
    }

    [Fact]
    public async Task Ten_thousand_events_of_one_container_come_in_order_and_none_is_lost()
    {
        await using var scene = await EventScene.StartAsync();
        await using var first = await scene.Namespace.Events.SubscribeAsync();
        await using var second = await scene.Namespace.Events.SubscribeAsync(new EventFilter { Ids = ["bur*"] });
        for (var i = 1; i <= 10_000; i++)
            await scene.PublishAsync(
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
            var seen = await EventScene.TakeAsync(subscription, 10_000, seconds: 60);
            Assert.Equal(Enumerable.Range(1, 10_000), seen.Select(e => e.Pid));
        }
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task The_life_of_a_container_is_reported_with_libcontainerd_s_fields(string suite)
    {
        await using var scene = await EventScene.StartAsync(suite);
        await using var subscription = await scene.Namespace.Events.SubscribeAsync();
        var task = await scene.RunAsync("life", null, "sleep", "1000");
        await scene.Namespace.Execs.RunAsync(
            "life",
            new ExecStart
            {
                ExecId = "x1",
                Options = new ExecOptions { Command = ["sh", "-c", "exit 7"] },
            },
            new ProcessIo()
        );
        await scene.Namespace.Tasks.StopAsync("life", TimeSpan.Zero);
        await scene.Namespace.Containers.RemoveAsync("life");

        var seen = new List<CtrEvent>();
        // Not waited for: the task's deletion, which a shim publishes by itself while it ends and may take to its grave, and the
        // snapshot's, which
        // nobody publishes when the garbage collector was faster than we.
        while (!seen.Exists(e => e.Type == CtrEventType.ContainerDelete))
            seen.AddRange(await EventScene.TakeAsync(subscription, 1));
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
        Assert.All(told, e => Assert.Same(scene.Namespace.Session, e.Session));
        Assert.All(told, e => Assert.False(e.Reconciled));
        Assert.Equal("life", seen.Last(e => e.Type == CtrEventType.SnapshotPrepare).Name);
    }

    [Fact]
    public async Task An_exit_that_is_published_twice_is_reported_once()
    {
        await using var scene = await EventScene.StartAsync();
        await using var subscription = await scene.Namespace.Events.SubscribeAsync();
        var exit = new TaskExit
        {
            ContainerId = "twice",
            Id = "twice",
            Pid = 77,
            ExitStatus = 5,
        };
        await scene.PublishAsync("/tasks/exit", exit);
        await scene.PublishAsync("/tasks/exit", exit);
        exit.Pid = 78;
        await scene.PublishAsync("/tasks/exit", exit);
        Assert.Equal([77, 78], (await EventScene.TakeAsync(subscription, 2)).Select(e => e.Pid));
        Assert.Empty(await EventScene.CollectAsync(subscription, TimeSpan.FromMilliseconds(300)));
    }

    [Fact]
    public async Task Out_of_memory_stays_with_its_container_until_that_is_removed()
    {
        await using var scene = await EventScene.StartAsync();
        await using var subscription = await scene.Namespace.Events.SubscribeAsync();
        await scene.PublishAsync("/tasks/start", new Wire.Events.TaskStart { ContainerId = "a", Pid = 1 });
        await scene.PublishAsync("/tasks/oom", new TaskOOM { ContainerId = "a" });
        await scene.PublishAsync("/tasks/start", new Wire.Events.TaskStart { ContainerId = "b", Pid = 2 });
        await scene.PublishAsync(
            "/tasks/exit",
            new TaskExit
            {
                ContainerId = "a",
                Id = "a",
                Pid = 1,
                ExitStatus = 137,
            }
        );
        await scene.PublishAsync("/containers/delete", new ContainerDelete { Id = "a" });
        await scene.PublishAsync("/tasks/start", new Wire.Events.TaskStart { ContainerId = "a", Pid = 3 });
        var seen = await EventScene.TakeAsync(subscription, 6);
        Assert.Equal([false, true, false, true, true, false], seen.Select(e => e.OomKilled));
        Assert.Equal("", seen[1].ProcessId);
    }

    [Fact]
    public async Task A_container_that_runs_out_of_memory_reports_it_before_its_exit()
    {
        await using var scene = await EventScene.StartAsync();
        await using var subscription = await scene.Namespace.Events.SubscribeAsync(
            new EventFilter
            {
                Types = new HashSet<CtrEventType> { CtrEventType.Oom, CtrEventType.Exit },
            }
        );
        await scene.Namespace.Containers.CreateAsync(
            new ContainerCreation
            {
                Id = "hungry",
                Image = Containerd.Testing.TestImages.Busybox,
                Options = new SpecOptions
                {
                    Command = ["sh", "-c", "x=a; while :; do x=$x$x; done"],
                    Limits = new() { Memory = new CtrSize(8 << 20) },
                },
            }
        );
        await scene.Namespace.Tasks.StartAsync("hungry", new Client.TaskStart());
        var seen = await EventScene.TakeAsync(subscription, 2);
        Assert.Equal([CtrEventType.Oom, CtrEventType.Exit], seen.Select(e => e.Type));
        Assert.True(seen[1].OomKilled);
        Assert.Equal(137, seen[1].ExitCode);
    }

    [Fact]
    public async Task An_event_of_an_open_subscription_reports_exhausted_memory_even_if_the_counter_does_not()
    {
        await using var scene = await EventScene.StartAsync();
        var filter = new EventFilter { Types = new HashSet<CtrEventType> { CtrEventType.Oom } };
        await using (var subscription = await scene.Namespace.Events.SubscribeAsync(filter))
        {
            await scene.RunAsync("reported", null, "sleep", "1000");
            await scene.RunAsync("other", null, "sleep", "1000");
            await scene.PublishAsync("/tasks/oom", new TaskOOM { ContainerId = "reported" });
            await EventScene.TakeAsync(subscription, 1);
            Assert.True((await scene.Namespace.Tasks.StopAsync("reported", TimeSpan.Zero))!.OomKilled);
            Assert.False((await scene.Namespace.Tasks.StopAsync("other", TimeSpan.Zero))!.OomKilled);
            Assert.True((await scene.Namespace.Tasks.GetAsync("reported")).OomKilled);

            // The next task of the container has not run out of memory.
            await scene.Namespace.Tasks.StartAsync("reported", new Client.TaskStart());
            Assert.False((await scene.Namespace.Tasks.StopAsync("reported", TimeSpan.Zero))!.OomKilled);
            await scene.Namespace.Tasks.StartAsync("reported", new Client.TaskStart());
            await scene.PublishAsync("/tasks/oom", new TaskOOM { ContainerId = "reported" });
            await EventScene.TakeAsync(subscription, 1);
        }

        // Without a subscription the event may be of an earlier task.
        Assert.False((await scene.Namespace.Tasks.StopAsync("reported", TimeSpan.Zero))!.OomKilled);
    }

    [Fact]
    public async Task Labels_of_a_container_that_is_removed_right_after_a_change_are_known()
    {
        await using var scene = await EventScene.StartAsync();
        await using var byLabel = await scene.Namespace.Events.SubscribeAsync(
            new EventFilter
            {
                Labels = new Dictionary<string, string> { ["tier"] = "front" },
                Types = new HashSet<CtrEventType> { CtrEventType.ContainerDelete },
            }
        );
        for (var i = 0; i < 20; i++)
        {
            await scene.Namespace.Containers.CreateAsync(
                new ContainerCreation
                {
                    Id = $"quick{i}",
                    Image = Containerd.Testing.TestImages.Busybox,
                    Options = new SpecOptions { Command = ["true"] },
                }
            );
            await scene.Namespace.Containers.SetLabelsAsync($"quick{i}", new Dictionary<string, string?> { ["tier"] = "front" });
            await scene.Namespace.Containers.RemoveAsync($"quick{i}");
        }

        Assert.Equal(
            Enumerable.Range(0, 20).Select(i => $"quick{i}"),
            (await EventScene.TakeAsync(byLabel, 20)).Select(e => e.ContainerId)
        );
    }

    [Fact]
    public async Task Filters_choose_by_type_id_label_and_containerd_s_own_language()
    {
        await using var scene = await EventScene.StartAsync();
        await using var byType = await scene.Namespace.Events.SubscribeAsync(
            new EventFilter { Types = new HashSet<CtrEventType> { CtrEventType.Exit } }
        );
        await using var byId = await scene.Namespace.Events.SubscribeAsync(
            new EventFilter
            {
                Ids = ["blu*"],
                Types = new HashSet<CtrEventType> { CtrEventType.Start },
            }
        );
        await using var byLabel = await scene.Namespace.Events.SubscribeAsync(
            new EventFilter
            {
                Labels = new Dictionary<string, string> { ["tier"] = "fro*" },
                Types = new HashSet<CtrEventType> { CtrEventType.Exit, CtrEventType.ContainerDelete },
            }
        );
        await using var raw = await scene.Namespace.Events.SubscribeAsync(
            new EventFilter { Raw = ["topic==\"/tasks/start\"", "topic~=|^/containers/d|"] }
        );

        foreach (var (id, tier) in new[] { ("blue", "front"), ("green", "back") })
        {
            await scene.RunAsync(id, new Dictionary<string, string> { ["tier"] = tier }, "true");
            await scene.Namespace.Tasks.WaitAsync(id);
            await scene.Namespace.Containers.RemoveAsync(id);
        }

        Assert.Equal(["blue", "green"], (await EventScene.TakeAsync(byType, 2)).Select(e => e.ContainerId));
        Assert.Equal(["blue"], (await EventScene.TakeAsync(byId, 1)).Select(e => e.ContainerId));
        Assert.Equal(
            [(CtrEventType.Exit, "blue"), (CtrEventType.ContainerDelete, "blue")],
            (await EventScene.TakeAsync(byLabel, 2)).Select(e => (e.Type, e.ContainerId))
        );
        Assert.Equal(
            [
                (CtrEventType.Start, "blue"),
                (CtrEventType.ContainerDelete, "blue"),
                (CtrEventType.Start, "green"),
                (CtrEventType.ContainerDelete, "green"),
            ],
            (await EventScene.TakeAsync(raw, 4)).Select(e => (e.Type, e.ContainerId))
        );
        foreach (var rest in new[] { byType, byId, byLabel, raw })
            Assert.Empty(await EventScene.CollectAsync(rest, TimeSpan.FromMilliseconds(200)));
    }

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task Events_of_images_snapshots_content_and_namespaces_are_typed_too(string suite)
    {
        await using var scene = await EventScene.StartAsync(suite);
        await using var subscription = await scene.Namespace.Events.SubscribeAsync();
        await scene.Namespace.Images.RemoveAsync(TestImages.Busybox);
        await scene.Namespace.Images.ImportAsync(await TestImages.BusyboxTarAsync(), new ImageImportOptions());
        await scene.CtrAsync("images", "label", TestImages.Busybox, "colour=red");
        var digest = (await scene.CtrAsync("content", "list", "-q")).Split('\n')[0];
        await scene.CtrAsync("content", "delete", digest);
        await scene.CtrAsync("namespaces", "label", scene.Namespace.Namespace, "owner=tests");

        var seen = new List<CtrEvent>();
        while (!seen.Exists(e => e.Type == CtrEventType.NamespaceUpdate))
            seen.AddRange(await EventScene.TakeAsync(subscription, 1));
        CtrEvent Only(CtrEventType type) => seen.First(e => e.Type == type);
        Assert.Equal(TestImages.Busybox, Only(CtrEventType.ImageDelete).Name);
        Assert.Equal(TestImages.Busybox, Only(CtrEventType.ImageCreate).Name);
        Assert.Equal(
            (TestImages.Busybox, "red"),
            (Only(CtrEventType.ImageUpdate).Name, Only(CtrEventType.ImageUpdate).Details["label:colour"])
        );
        Assert.Equal(
            (scene.Namespace.Namespace, "tests"),
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

        Assert.All(seen, e => Assert.Equal(("", scene.Namespace.Namespace), (e.ContainerId, e.Namespace)));
        Assert.DoesNotContain(seen, e => e.Type == CtrEventType.Unknown);
    }

    [Fact]
    public async Task A_filter_that_does_not_parse_is_one_error()
    {
        await using var scene = await EventScene.StartAsync();
        var error = await Assert.ThrowsAsync<CtrArgumentException>(() =>
            scene.Namespace.Events.SubscribeAsync(new EventFilter { Raw = ["topic is tasks"] })
        );
        Assert.Equal("InvalidFilter", error.ErrorId);
    }

    [Fact]
    public async Task A_subscription_ends_with_its_session_and_by_itself()
    {
        await using var scene = await EventScene.StartAsync();
        var left = await scene.Namespace.Events.SubscribeAsync();
        await left.DisposeAsync();
        Assert.Empty(await EventScene.CollectAsync(left, TimeSpan.FromSeconds(5)));

        // The stream has ended with its last subscriber; a new one opens another.
        var kept = await scene.Namespace.Events.SubscribeAsync();
        await scene.PublishAsync("/tasks/paused", new TaskPaused { ContainerId = "c" });
        Assert.Single(await EventScene.TakeAsync(kept, 1));
        scene.Close();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await foreach (var _ in kept.Events.WithCancellation(deadline.Token)) { }
    }
}

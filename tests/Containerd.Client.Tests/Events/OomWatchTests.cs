using Containerd.Client.Wire.Events;
using Containerd.Client.Workloads.Events;

namespace Containerd.Client.Tests.Events;

/// <summary>What a wait learns from the oom events of a task whose counter ends with it.</summary>
public sealed class OomWatchTests
{
    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task The_event_of_the_container_is_reported_and_that_of_another_one_is_not(string suite)
    {
        await using var fixture = await EventFixture.StartAsync(suite);
        foreach (var wasKilled in new[] { false, true })
        {
            using var watch = await OomWatch.TryOpenAsync(fixture.Namespace.Scope, "web", CancellationToken.None);
            await fixture.PublishAsync("/tasks/oom", new TaskOOM { ContainerId = "other" });
            await fixture.PublishAsync("/tasks/exit", new TaskExit { ContainerId = "web" });
            Assert.False(await watch!.IsReportedAsync(wasKilled));
        }

        using var reported = await OomWatch.TryOpenAsync(fixture.Namespace.Scope, "web", CancellationToken.None);
        await fixture.PublishAsync("/tasks/oom", new TaskOOM { ContainerId = "other" });
        await fixture.PublishAsync("/tasks/oom", new TaskOOM { ContainerId = "web" });
        Assert.True(await reported!.IsReportedAsync(wasKilled: false));
    }

    [Fact]
    public async Task For_a_killed_process_the_event_may_come_after_the_exit()
    {
        await using var fixture = await EventFixture.StartAsync();
        using var watch = await OomWatch.TryOpenAsync(fixture.Namespace.Scope, "web", CancellationToken.None);
        var asked = watch!.IsReportedAsync(wasKilled: true);
        await fixture.PublishAsync("/tasks/oom", new TaskOOM { ContainerId = "web" });
        Assert.True(await asked);
    }

    [Fact]
    public async Task Without_a_daemon_nothing_is_reported_and_nothing_fails()
    {
        await using var fixture = await EventFixture.StartAsync();
        using var watch = await OomWatch.TryOpenAsync(fixture.Namespace.Scope, "web", CancellationToken.None);
        fixture.Close();
        Assert.False(await watch!.IsReportedAsync(wasKilled: true));
        Assert.Null(await OomWatch.TryOpenAsync(fixture.Namespace.Scope, "web", CancellationToken.None));
    }
}

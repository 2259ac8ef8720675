using System.Collections.Concurrent;

namespace Containerd.Client.Tests.Events;

/// <summary>The long form of what is tested with single restarts: it takes minutes, and runs with <c>-explicit on</c> alone.</summary>
public sealed class EventKillTests
{
    [Theory(Explicit = true)]
    [InlineData("bookworm")]
    [InlineData("trixie")]
    [InlineData("sid")]
    public async Task Short_lives_have_one_exit_each_while_the_daemon_is_killed_again_and_again(string suite)
    {
        await using var fixture = await EventFixture.StartAsync(suite);
        await using var subscription = await fixture.Namespace.Events.SubscribeAsync(
            new EventFilter { Types = new HashSet<CtrEventType> { CtrEventType.Exit } }
        );
        var started = new ConcurrentDictionary<string, int>();
        var done = false;
        var lives = Enumerable.Range(0, 3).Select(n => Task.Run(() => LiveAsync(n))).ToList();
        for (var kill = 0; kill < 20; kill++)
        {
            await Task.Delay(1500);
            await fixture.WhileAwayAsync(() => { });
        }

        done = true;
        await Task.WhenAll(lives);
        var seen = await EventFixture.CollectAsync(subscription, TimeSpan.FromSeconds(30));
        var wrong = started
            .Select(life => (life.Key, Exits: seen.Where(e => e.ContainerId == life.Key).ToList()))
            .Where(life => life.Exits.Count != 1)
            .ToList();
        Assert.True(
            wrong.Count == 0,
            $"{started.Count} lives; wrong: {string.Join("; ", wrong.Select(w => $"{w.Key}: {string.Join(", ", w.Exits.Select(e => $"{e.Pid} {e.ExitCode} {e.Reconciled}"))}"))}"
        );
        Assert.All(seen.GroupBy(e => e.ContainerId), exits => Assert.Single(exits));
        Assert.All(seen, e => Assert.True(e.ExitCode is 3 or null, $"{e.ContainerId}: {e.ExitCode}"));

        async Task LiveAsync(int worker)
        {
            for (var n = 0; !done; n++)
            {
                var id = $"life-{worker}-{n}";
                try
                {
                    started[id] = (await fixture.RunAsync(id, null, "sh", "-c", $"sleep 0.{(n % 5) + 1}; exit 3")).Pid;
                }
                catch (CtrException)
                {
                    // The daemon was killed in the meantime, so it is not known whether the process ran.
                    await Task.Delay(100);
                }
            }
        }
    }
}

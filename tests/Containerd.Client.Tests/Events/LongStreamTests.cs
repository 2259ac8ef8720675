using Containerd.Testing;
using WireEvents = Containerd.Client.Wire.EventService;

namespace Containerd.Client.Tests.Events;

/// <summary>
/// Streams that nothing comes through for a long time. Runs with CONTAINERD_TESTS_LONG=1 only, since it takes more than six minutes.
/// </summary>
public sealed class LongStreamTests
{
    [Fact]
    public async Task A_stream_that_is_idle_for_six_minutes_stays_open_and_brings_the_next_event()
    {
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("CONTAINERD_TESTS_LONG") == "1",
            "Takes more than six minutes: set CONTAINERD_TESTS_LONG=1 to run it."
        );
        await using var daemon = await PrivateDaemon.StartAsync();
        using var client = await ContainerdClient.ConnectAsync(
            new ConnectOptions { Address = daemon.Address, Namespace = daemon.Namespace }
        );
        // The call itself, and not a subscription, which would make a lost one again.
        using var call = new WireEvents.Events.EventsClient(client.In().Scope.Calls()).Subscribe(new());
        var next = call.ResponseStream.MoveNext(CancellationToken.None);
        await Task.Delay(TimeSpan.FromMinutes(6), TestContext.Current.CancellationToken);
        Assert.False(next.IsCompleted);

        await client
            .In()
            .Containers.CreateAsync(
                new ContainerCreateOptions
                {
                    Id = "later",
                    Spec = new CtrSpec { Process = new CtrSpecProcess { Args = ["true"] } },
                }
            );
        Assert.True(await next.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Equal("/containers/create", call.ResponseStream.Current.Topic);
        await client.In().Containers.RemoveAsync("later");
    }
}

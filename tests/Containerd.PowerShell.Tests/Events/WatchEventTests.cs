using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Events;

public sealed class WatchEventTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public async Task Events_stream_until_the_count_is_full()
    {
        var watching = Engine.Start($"Watch-CtrEvent {Id} -EventType Start, Exit, ContainerDelete -MaxCount 3 -Timeout 30 -Verbose");
        await StartedAsync(watching);
        using var other = DaemonFixture.Open();
        other.Require($"New-CtrContainer {Id} -Image {Busybox} -- sh -c 'exit 4' | Start-CtrTask | Wait-CtrTask | Remove-CtrContainer");
        var events = watching.Wait().Output.Select(o => (CtrEvent)o.BaseObject).ToList();
        Assert.Equal([CtrEventType.Start, CtrEventType.Exit, CtrEventType.ContainerDelete], events.Select(e => e.Type));
        Assert.Equal(4, events[1].ExitCode);
    }

    [Fact]
    public async Task Containers_that_are_piped_in_are_watched_in_their_own_namespaces()
    {
        // Neither is in the session's namespace.
        var elsewhere = PrivateDaemon.Unique("elsewhere");
        using var other = DaemonFixture.Open(elsewhere);
        other.Require($"Import-CtrImage '{await TestImages.BusyboxTarAsync()}'; {Made("a")}; {Made("b")}; {Made("c")}");
        string Made(string id) => $"$null = New-CtrContainer {Id}-{id} -Image {Busybox} -- sh -c 'exit 4'";

        var watching = Engine.Start(
            $"Get-CtrContainer {Id}-a, {Id}-b -Namespace {elsewhere} | Watch-CtrEvent -EventType Exit -MaxCount 2 -Timeout 30 -Verbose"
        );
        await StartedAsync(watching);
        using var ears = DaemonFixture.Open();
        ears.Require($"Get-CtrContainer {Id}-[bc] -Namespace {elsewhere} | Register-CtrEvent -EventType Exit -SourceIdentifier piped");
        other.Require($"'c', 'b', 'a' | ForEach-Object {{ $null = Start-CtrTask \"{Id}-$_\" | Wait-CtrTask }}");
        Assert.Equal([$"{Id}-b", $"{Id}-a"], watching.Wait().Output.Select(o => ((CtrEvent)o.BaseObject).ContainerId));
        await Eventually.TrueAsync(() => ears.Runspace.Events.ReceivedEvents.Count == 2);
        Assert.Equal([$"{Id}-c", $"{Id}-b"], ears.Runspace.Events.ReceivedEvents.Select(e => ((CtrEvent)e.SourceEventArgs).ContainerId));

        // An event of a container names it as well, and a lease's block makes no difference.
        watching = Engine.Start(
            $"[Containerd.CtrEvent]@{{ Type = 'Exit'; ContainerId = '{Id}-c'; Namespace = '{elsewhere}' }} | Register-CtrEvent -EventType ContainerDelete -SourceIdentifier gone; Use-CtrLease {{ Watch-CtrEvent {Id}*, {Id}-a -Namespace {elsewhere} -EventType ContainerDelete -MaxCount 2 -Timeout 30 -Verbose }}"
        );
        await StartedAsync(watching);
        other.Require($"'a', 'c' | ForEach-Object {{ Remove-CtrContainer \"{Id}-$_\" -Force }}");
        Assert.Equal([$"{Id}-a", $"{Id}-c"], watching.Wait().Output.Select(o => ((CtrEvent)o.BaseObject).ContainerId));
        await Eventually.TrueAsync(() =>
            Engine.Runspace.Events.ReceivedEvents is [{ SourceEventArgs: CtrEvent gone }] && gone.ContainerId == $"{Id}-c"
        );
        Engine.Runspace.Events.UnsubscribeEvent(Engine.Runspace.Events.GetEventSubscribers("gone").Single());

        // An empty value does not select everything.
        Assert.NotEmpty(Engine.Invoke("$null | Register-CtrEvent -SourceIdentifier none").Errors);
        Assert.Empty(Engine.Require($"Get-CtrContainer none* | Watch-CtrEvent -Timeout 60"));
        Assert.Empty(Engine.Require($"Get-CtrContainer none* | Register-CtrEvent -SourceIdentifier none"));
        Assert.Empty(Engine.Runspace.Events.Subscribers);
        other.Require($"Get-CtrContainer | Remove-CtrContainer -Force; Remove-CtrImage {Busybox}");
    }

    [Fact]
    public void The_block_of_Begin_causes_the_events_that_are_watched()
    {
        // One pipeline, and nothing that waits: without the subscription the short process's events would be over.
        var output = Engine.Require(
            $"$mine = 'before'; Watch-CtrEvent {Id} -EventType Start, Exit -MaxCount 2 -Timeout 30 -Begin {{ $mine; $mine = 'after'; $null = New-CtrContainer {Id} -Image {Busybox} -- sh -c 'exit 4' | Start-CtrTask }}; $mine"
        );
        Assert.Equal("before", output[0].BaseObject);
        Assert.Equal([CtrEventType.Start, CtrEventType.Exit], output.Skip(1).Take(2).Select(o => ((CtrEvent)o.BaseObject).Type));
        Assert.Equal("after", output[3].BaseObject);

        // An exception of the block ends the command.
        var thrown = Engine.Invoke($"Watch-CtrEvent {Id} -Timeout 30 -Begin {{ throw 'no more' }}");
        Assert.Equal("no more", thrown.Exception!.Message);
        Assert.NotEmpty(Engine.Require("Get-CtrVersion"));
    }

    [Fact]
    public async Task A_registration_receives_events_after_it_has_returned()
    {
        // The next statement's exit comes, also that of a process that ends at once.
        Engine.Require(
            $"$null = Register-CtrEvent {Id} -EventType Exit -SourceIdentifier heard; $null = New-CtrContainer {Id} -Image {Busybox} -- sh -c 'exit 4' | Start-CtrTask"
        );
        await Eventually.TrueAsync(() => Engine.Runspace.Events.ReceivedEvents.Count == 1);
        Assert.Equal(4, ((CtrEvent)Engine.Runspace.Events.ReceivedEvents[0].SourceEventArgs).ExitCode);
        Engine.Runspace.Events.UnsubscribeEvent(Engine.Runspace.Events.GetEventSubscribers("heard").Single());
    }

    [Fact]
    public void Watching_ends_after_its_timeout_without_an_error()
    {
        var done = Engine.Invoke($"Watch-CtrEvent {Id} -Timeout 300ms");
        Assert.Null(done.Exception);
        Assert.Empty(done.Errors);
        Assert.Empty(done.Output);
    }

    [Fact]
    public async Task Ctrl_C_ends_watching_at_once()
    {
        var watching = Engine.Start("Watch-CtrEvent -Verbose");
        await StartedAsync(watching);
        var stop = System.Diagnostics.Stopwatch.StartNew();
        await watching.StopAsync();
        Assert.InRange(stop.Elapsed, TimeSpan.Zero, AtOnce.Limit);
        Assert.NotEmpty(Engine.Require("Get-CtrVersion"));
    }

    [Fact]
    public void A_filter_that_does_not_parse_is_one_error()
    {
        foreach (var (cmdlet, name) in new[] { ("Watch-CtrEvent", "WatchCtrEvent"), ("Register-CtrEvent", "RegisterCtrEvent") })
        {
            AssertError(
                Engine.Invoke($"{cmdlet} -Filter 'topic is tasks'").Error,
                ErrorIds.InvalidFilter,
                name,
                ErrorCategory.InvalidArgument
            );
        }

        Assert.Empty(Engine.Runspace.Events.Subscribers);
    }

    [Fact]
    public void An_event_names_its_container_to_other_cmdlets()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -- true");
        var happened = new CtrEvent
        {
            Type = CtrEventType.Oom,
            ContainerId = Id,
            Namespace = DaemonFixture.Namespace,
        };
        Assert.Equal(Id, Engine.Require<CtrContainer>("$input | Get-CtrContainer", happened).ContainerId);
    }

    /// <summary>The cmdlet says when its stream is known to run.</summary>
    private static Task StartedAsync(Running watching) => Eventually.TrueAsync(() => watching.Streams.Verbose.Count > 0);
}

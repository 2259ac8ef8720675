using System.Management.Automation;
using Containerd.Client;
using Containerd.Client.Wire.Events;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.PowerShell.Tests.Session;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Events;

public sealed class RegisterEventTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public async Task An_event_goes_into_the_engine_s_queue_with_the_CtrEvent_as_its_arguments()
    {
        Engine.Require($"Register-CtrEvent {Id} -EventType Exit -SourceIdentifier exits -MessageData 42");
        Engine.Require($"$null = New-CtrContainer {Id} -Image {Busybox} -- sh -c 'exit 9' | Start-CtrTask | Wait-CtrTask");
        await Eventually.TrueAsync(() => Engine.Runspace.Events.ReceivedEvents.Count == 1);
        var arrived = Engine.Runspace.Events.ReceivedEvents[0];
        Assert.Equal("exits", arrived.SourceIdentifier);
        Assert.Equal(42, arrived.MessageData.BaseObject);
        var happened = Assert.IsType<CtrEvent>(arrived.SourceEventArgs);
        Assert.Equal((CtrEventType.Exit, Id, 9), (happened.Type, happened.ContainerId, happened.ExitCode!.Value));
    }

    [Fact]
    public async Task An_action_runs_for_each_event_and_its_job_is_returned()
    {
        var job = Engine.Require<PSEventJob>(
            $"Register-CtrEvent {Id} -EventType Start, Exit -SourceIdentifier acts -Action {{ $global:seen += \"$($EventArgs.Type) \" }}"
        );
        Assert.Equal("acts", job.Name);
        Engine.Require($"$null = New-CtrContainer {Id} -Image {Busybox} -- true | Start-CtrTask | Wait-CtrTask");
        await Eventually.TrueAsync(() => Engine.Require("$global:seen") is [{ BaseObject: "Start Exit " }]);
    }

    [Fact]
    public async Task Ten_thousand_events_reach_the_queue_in_order()
    {
        Engine.Require("Register-CtrEvent burst -SourceIdentifier burst");
        using var client = await ContainerdClient.ConnectAsync(
            new ConnectOptions { Address = DaemonFixture.Daemon.Address, Namespace = DaemonFixture.Namespace }
        );
        for (var i = 1; i <= 10_000; i++)
            await client
                .In()
                .Events.PublishAsync(
                    "/tasks/exec-started",
                    new TaskExecStarted
                    {
                        ContainerId = "burst",
                        ExecId = "e",
                        Pid = (uint)i,
                    },
                    default
                );
        var received = Engine.Runspace.Events.ReceivedEvents;
        await Eventually.TrueAsync(() => received.Count >= 10_000, TimeSpan.FromSeconds(60));
        Assert.Equal(Enumerable.Range(1, 10_000), received.Select(e => ((CtrEvent)e.SourceEventArgs).Pid));
    }

    [Fact]
    public async Task A_subscription_ends_after_its_trigger_count()
    {
        Engine.Require($"Register-CtrEvent {Id} -SourceIdentifier few -MaxTriggerCount 2 -Action {{ $global:few += 1 }}");
        for (var i = 0; i < 2; i++)
            Engine.Require($"$null = New-CtrContainer {Id} -Image {Busybox} -- true; Remove-CtrContainer {Id}");
        await Eventually.TrueAsync(() => !Engine.Runspace.Events.GetEventSubscribers("few").Any());
        await Eventually.TrueAsync(() => Streams(Engine) == 0);
    }

    [Fact]
    public async Task A_subscription_ends_with_unsubscribing_with_the_module_with_the_session_and_with_the_runspace()
    {
        Engine.Require("Register-CtrEvent -SourceIdentifier a");
        Assert.Equal(1, Streams(Engine));
        Engine.Runspace.Events.UnsubscribeEvent(Engine.Runspace.Events.GetEventSubscribers("a").Single());
        await Eventually.TrueAsync(() => Streams(Engine) == 0);

        Engine.Require("Register-CtrEvent -SourceIdentifier b; Register-CtrEvent -SourceIdentifier c -EventType Exit");
        Assert.Equal(1, Streams(Engine));
        var session = Engine.Require<CtrSession>("Get-CtrSession | Where-Object { $_ -eq (Get-CtrVersion).Session }");
        Engine.Require("Remove-Module Containerd");
        Assert.Empty(Engine.Runspace.Events.Subscribers);
        await Eventually.TrueAsync(() => Streams(session) == 0);
        Engine.Require("Import-Module Containerd");

        Engine.Require("Register-CtrEvent -SourceIdentifier d");
        Engine.Require("Disconnect-CtrSession");
        await Eventually.TrueAsync(() => Streams(session) == 0);

        using var other = DaemonFixture.Open();
        other.Require("Register-CtrEvent -SourceIdentifier e");
        var its = other.Require<CtrSession>("(Get-CtrVersion).Session");
        other.Runspace.Close();
        await Eventually.TrueAsync(() => Streams(its) == 0);
    }

    [Fact]
    public async Task A_subscriber_is_hidden_or_forwards_as_with_the_engine()
    {
        Engine.Require(
            $"Register-CtrEvent {Id} -SourceIdentifier hidden -SupportEvent -EventType Start -Action {{ $global:hidden += 1 }}; Register-CtrEvent {Id} -SourceIdentifier sent -Forward -EventType Start"
        );
        var subscribers = Engine.Runspace.Events.Subscribers.ToDictionary(s => s.SourceIdentifier, s => (s.SupportEvent, s.ForwardEvent));
        Assert.Equal((true, false), subscribers["hidden"]);
        Assert.Equal((false, true), subscribers["sent"]);
        Engine.Require($"$null = New-CtrContainer {Id} -Image {Busybox} -- true | Start-CtrTask | Wait-CtrTask");
        await Eventually.TrueAsync(() => Engine.Require("$global:hidden") is [{ BaseObject: 1 }]);
        // It is forwarded to the creator of the runspace, and not put into its own queue.
        Assert.DoesNotContain(Engine.Runspace.Events.ReceivedEvents, e => e.SourceIdentifier == "sent");
        Assert.StartsWith(
            "ACTION_AND_FORWARD_NOT_SUPPORTED,",
            Engine.Invoke("Register-CtrEvent -SourceIdentifier both -Forward -Action { }").Error.FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_source_identifier_in_use_is_an_error_and_the_first_subscription_is_kept()
    {
        Engine.Require("Register-CtrEvent -SourceIdentifier once");
        Assert.Contains(
            "SUBSCRIBER_EXISTS",
            Engine.Invoke("Register-CtrEvent -SourceIdentifier once").Error.FullyQualifiedErrorId,
            StringComparison.Ordinal
        );
        Assert.Single(Engine.Runspace.Events.GetEventSubscribers("once"));
    }

    private static int Streams(Engine engine) => Streams(engine.Require<CtrSession>("(Get-CtrVersion).Session"));

    private static int Streams(CtrSession session) => ModuleSessions.ClientOf(session).In().Events.OpenStreams;
}

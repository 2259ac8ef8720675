using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Values;

/// <summary>Times that .NET's timers and calendar do not take, and no limit, wherever a time is asked for.</summary>
public sealed class LongTimeTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    public static TheoryData<string> Times =>
        ["60d", "'3000000d'", "([timespan]::MaxValue)", "-1", "([Threading.Timeout]::InfiniteTimeSpan)"];

    [Theory]
    [MemberData(nameof(Times))]
    public async Task Every_wait_accepts_any_time_and_no_limit(string time)
    {
        var task = await StartAsync(Graceful);
        Assert.Equal("ok", Engine.Require<string>($"Invoke-CtrExec {Id} -Timeout {time} -- echo ok"));
        Assert.Equal("ok", Engine.Require<string>($"Invoke-CtrContainer {Busybox} -Timeout {time} -- echo ok"));
        Assert.Equal(task.Pid, Engine.Require<CtrExit>($"Stop-CtrTask {Id} -Timeout {time}").Pid);
        Assert.Equal(7, Engine.Require<CtrExit>($"Wait-CtrTask {Id} -Timeout {time}").ExitCode);
        Engine.Require($"Connect-CtrSession {DaemonFixture.Daemon.Address} -Name long{Id} -Timeout {time} | Disconnect-CtrSession");
        // No process listens there: the error must not be about the time.
        Assert.Equal(
            ErrorIds.RegistryUnreachable,
            Engine.Invoke($"Receive-CtrImage 127.0.0.1:1/x -Timeout {time}").Error.FullyQualifiedErrorId.Split(',')[0]
        );
    }

    [Theory]
    [MemberData(nameof(Times))]
    public async Task A_watch_with_any_timeout_delivers(string time)
    {
        var watching = Engine.Start($"Watch-CtrEvent {Id} -EventType Create -MaxCount 1 -Timeout {time} -Verbose");
        await Eventually.TrueAsync(() => watching.Streams.Verbose.Any(v => v.Message == "Watching."));
        using var other = DaemonFixture.Open();
        other.Require($"New-CtrContainer {Id} -Image {Busybox} -- true | New-CtrTask");
        Assert.Equal(Id, Assert.Single(watching.Wait().Of<CtrEvent>()).ContainerId);
    }

    [Fact]
    public async Task A_long_interval_returns_one_reading_unless_continuous()
    {
        await StartAsync();
        var done = Engine.Invoke($"Get-CtrStats {Id} -Interval 60d");
        Assert.Null(Assert.Single(done.Of<CtrStats>()).CpuPercent);
        Assert.Contains("-Continuous", Assert.Single(done.Warnings).Message, StringComparison.Ordinal);
        AssertError(
            Engine.Invoke($"Get-CtrStats {Id} -Interval -1").Error,
            ErrorIds.InvalidDuration,
            "GetCtrStats",
            ErrorCategory.InvalidArgument
        );
    }

    [Fact]
    public void A_lease_expires_at_the_requested_time_or_never()
    {
        DateTime? End(string expiry)
        {
            var id = NewId("lease");
            var lease = Engine.Require<CtrLease>($"New-CtrLease {id} -Expiry {expiry}");
            Engine.Require($"Remove-CtrLease {id}");
            return lease.ExpiresAt;
        }

        Assert.Equal(24, (End("1d")!.Value - DateTime.Now).TotalHours, tolerance: 0.5);
        Assert.Equal(60, (End("60d")!.Value - DateTime.Now).TotalDays, tolerance: 0.5);
        // After the last day of the calendar.
        Assert.Null(End("'3000000d'"));
        Assert.Null(End("-1"));
    }

    [Fact]
    public void No_image_is_older_than_an_unlimited_time()
    {
        Engine.Require($"Set-CtrImage {Busybox} -Tag docker.io/library/{Id}:1");
        Assert.DoesNotContain(Engine.Require($"Clear-CtrImage {Id}:1 -OlderThan 7d -Confirm:$false"), o =>
            o.BaseObject is CtrImageCleanup { Removed.Length: > 0 }
        );
        Assert.DoesNotContain(Engine.Require($"Clear-CtrImage {Id}:1 -OlderThan '800000d' -Confirm:$false"), o =>
            o.BaseObject is CtrImageCleanup { Removed.Length: > 0 }
        );
        AssertError(
            Engine.Invoke($"Clear-CtrImage {Id}:1 -OlderThan -1 -Confirm:$false").Error,
            ErrorIds.InvalidDuration,
            "ClearCtrImage",
            ErrorCategory.InvalidArgument
        );
        Assert.Single(Engine.Require($"Get-CtrImage {Id}:1"));
        Engine.Require($"Remove-CtrImage {Id}:1 -Force");
    }

    [Fact]
    public void A_timeout_of_0_is_an_error_for_a_registry() =>
        AssertError(
            Engine.Invoke("Receive-CtrImage 127.0.0.1:1/x -Timeout 0").Error,
            ErrorIds.InvalidDuration,
            "ReceiveCtrImage",
            ErrorCategory.InvalidArgument
        );

    [Fact]
    public void An_id_that_looks_like_a_number_is_an_id()
    {
        foreach (var id in new[] { "10d", "500us", "5n", "1e3", "007", "10kb" })
        {
            try
            {
                Engine.Require($"New-CtrContainer {id} -Image {Busybox} {Idle} | Start-CtrTask");
                Assert.Equal(id, Engine.Require<CtrContainer>($"Get-CtrContainer {id}").ContainerId);
                Assert.Equal(id, Engine.Require<string>($"Invoke-CtrExec {id} -- hostname"));
                Assert.Equal(id, Engine.Require<CtrTask>($"Get-CtrTask -Id:{id}").ContainerId);
                Assert.Equal(id, Engine.Require<CtrExit>($"Stop-CtrTask {id} -Force").ContainerId);
            }
            finally
            {
                Engine.Invoke($"Remove-CtrContainer '{id}' -Force");
            }
        }
    }
}

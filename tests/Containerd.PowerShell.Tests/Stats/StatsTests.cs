using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Stats;

/// <summary>Get-CtrStats on a real daemon: the figures are those of what really runs.</summary>
public sealed class StatsTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    internal const string Busy = "-- sh -c 'while :; do :; done'";

    [Theory]
    [InlineData("bookworm", "runc")]
    [InlineData("bookworm", "crun")]
    [InlineData("sid", "runc")]
    [InlineData("sid", "crun")]
    public async Task Processor_memory_and_processes_are_measured(string suite, string runtime)
    {
        var fixture = await DaemonFixtures.GetAsync(suite, runtime);
        using var engine = fixture.Open();
        var (busy, holder) = (PrivateDaemon.Unique("busy"), PrivateDaemon.Unique("holder"));
        var option = runtime == "runc" ? "" : $"-Runtime {runtime}";
        try
        {
            engine.Require($"New-CtrContainer {busy} -Image {Busybox} {option} -Cpu 0.2 -Memory 64m -PidsLimit 50 {Busy} | Start-CtrTask");
            engine.Require(
                $"New-CtrContainer {holder} -Image {Busybox} {option} -- sh -c 'head -c 31457280 /dev/zero > /dev/shm/x; sleep 1000 & sleep 1000 & echo ready; wait' | Start-CtrTask"
            );
            await Eventually.TrueAsync(() => engine.Require($"Get-CtrLog {holder}").Count > 0);

            var before = DateTime.Now;
            var both = engine.Invoke($"Get-CtrStats {busy}, {holder} -Interval 1500ms");
            Assert.Empty(both.Errors);
            var stats = both.Of<CtrStats>().ToDictionary(s => s.ContainerId);
            Assert.Equal([busy, holder], stats.Keys.Order(StringComparer.Ordinal));
            var spinning = stats[busy];
            // A loaded machine gives it less than its share, and reads the first figures late.
            Assert.InRange(spinning.CpuPercent!.Value, 1, 32);
            Assert.InRange(spinning.Interval!.Value.TotalSeconds, 0.5, 10);
            Assert.InRange(spinning.Timestamp, before, DateTime.Now);
            Assert.Equal(64L << 20, spinning.MemoryLimit);
            Assert.Equal((1L, 50L), (spinning.Pids, spinning.PidsLimit));
            Assert.True(spinning.CgroupV1!.Cpu!.ThrottledPeriods > 0);
            Assert.True(spinning.CpuTime > TimeSpan.FromMilliseconds(100));

            var holding = stats[holder];
            Assert.InRange(holding.CpuPercent!.Value, 0, 10);
            Assert.InRange(holding.MemoryUsed!.Value, 30L << 20, 45L << 20);
            Assert.Equal(holding.MemoryUsed, holding.WorkingSet);
            Assert.Equal((3L, null), (holding.Pids, holding.PidsLimit));
            Assert.False(spinning.IsMemoryUnlimited);
            Assert.Equal((null, true, HostMemory()), (holding.MemoryLimit, holding.IsMemoryUnlimited, holding.HostMemory));
            Assert.InRange(holding.MemoryPercent!.Value, 0.01, 50);
            Assert.Null(holding.CgroupV2);
            Assert.Null(holding.Windows);
            Assert.Equal(0, holding.NetworkRx!.Value);
        }
        finally
        {
            engine.Invoke($"'{busy}', '{holder}' | Remove-CtrContainer -Force");
        }
    }

    [Fact]
    public async Task A_task_that_fails_does_not_hide_the_others()
    {
        var (stopped, bare) = (NewId(), NewId());
        await StartAsync();
        await StartAsync("-- true", stopped);
        Engine.Require($"Wait-CtrTask {stopped}; New-CtrContainer {bare} -Image {Busybox} -- true");
        var done = Engine.Invoke($"'{stopped}', '{Id}', '{bare}', 'no-such-one' | Get-CtrStats -Interval 200ms");
        Assert.Equal([Id], done.Of<CtrStats>().Select(s => s.ContainerId));
        Assert.Equal(3, done.Errors.Count);
        var errors = done.Errors.ToDictionary(e => (string)e.TargetObject);
        AssertError(errors[stopped], ErrorIds.TaskNotRunning, "GetCtrStats", ErrorCategory.ResourceBusy);
        AssertError(errors[bare], ErrorIds.TaskNotFound, "GetCtrStats", ErrorCategory.ObjectNotFound);
        AssertError(errors["no-such-one"], ErrorIds.ContainerNotFound, "GetCtrStats", ErrorCategory.ObjectNotFound);

        // All means all running ones.
        done = Engine.Invoke($"Get-CtrStats {Id}*, {stopped}* -SingleReading");
        Assert.Empty(done.Errors);
        Assert.Equal([Id], done.Of<CtrStats>().Select(s => s.ContainerId));
        Assert.Empty(Engine.Require("Get-CtrStats nothing-*"));
        AssertError(Engine.Invoke("Get-CtrStats 'a,id==b'").Error, ErrorIds.ContainerNotFound, "GetCtrStats", ErrorCategory.ObjectNotFound);
    }

    [Fact]
    public async Task One_reading_has_no_processor_time_and_can_be_the_first_of_two()
    {
        await StartAsync(Busy, options: "-Cpu 0.2");
        var first = Engine.Require<CtrStats>($"$first = Get-CtrTask {Id} | Get-CtrStats -SingleReading; $first");
        Assert.Null(first.CpuPercent);
        Assert.Null(first.Interval);
        Assert.True(first.MemoryUsed > 0);
        await Task.Delay(1200);
        var waiting = System.Diagnostics.Stopwatch.StartNew();
        var second = Engine.Require<CtrStats>("$first | Get-CtrStats -Interval 20s");
        Assert.True(waiting.Elapsed < TimeSpan.FromSeconds(10));
        Assert.InRange(second.CpuPercent!.Value, 1, 32);
        Assert.InRange(second.Interval!.Value.TotalSeconds, 1, 10);
    }

    [Fact]
    public async Task Continuous_continues_without_a_task_that_ended_and_stops_with_the_last_one()
    {
        var other = NewId();
        await StartAsync();
        await StartAsync(Idle, other);
        var running = Engine.Start($"Get-CtrStats {Id}, {other} -Continuous -Interval 100ms");
        // An enumerator of the output would wait for its end.
        int Readings(string id) =>
            Enumerable.Range(0, running.Output.Count).Count(i => ((CtrStats)running.Output[i].BaseObject).ContainerId == id);
        await Eventually.TrueAsync(() => Readings(other) > 1 && Readings(Id) > 1);
        using (var elsewhere = DaemonFixture.Open())
        {
            elsewhere.Require($"Send-CtrSignal {other} -Signal KILL; Wait-CtrTask {other}");
            var before = Readings(Id);
            await Eventually.TrueAsync(() => Readings(Id) > before + 2);
            Assert.False(running.IsCompleted);
            elsewhere.Require($"Remove-CtrContainer {other} -Force");
            before = Readings(Id);
            await Eventually.TrueAsync(() => Readings(Id) > before + 2);
            Assert.False(running.IsCompleted);
            elsewhere.Require($"Send-CtrSignal {Id} -Signal KILL; Wait-CtrTask {Id}");
        }

        await Eventually.TrueAsync(() => running.IsCompleted);
        var done = running.Wait();
        Assert.Null(done.Exception);
        Assert.Empty(done.Errors);
        Assert.All(done.Of<CtrStats>(), s => Assert.NotNull(s.CpuPercent));
    }

    [Fact]
    public async Task Continuous_ends_with_Ctrl_C_and_when_the_pipeline_stops()
    {
        await StartAsync();
        Assert.Equal(
            2,
            Engine
                .Require($"Get-CtrStats {Id}* -Continuous -Interval 100ms | ForEach-Object {{ $_; if (++$n -eq 2) {{ break }} }}", [])
                .Count
        );
        var running = Engine.Start($"Get-CtrStats {Id} -Continuous -Interval 30s");
        await Task.Delay(500);
        var stopping = System.Diagnostics.Stopwatch.StartNew();
        await running.StopAsync();
        Assert.True(stopping.Elapsed < AtOnce.Limit);
        Assert.IsType<PipelineStoppedException>(running.Wait().Exception, exactMatch: false);
    }

    [Fact]
    public async Task Network_traffic_is_that_of_the_tasks_own_namespace()
    {
        var task = await StartAsync();
        await Shell.RunAsync(
            "nsenter",
            "-t",
            $"{task.Pid}",
            "-n",
            "sh",
            "-c",
            "ip link add eth0 type veth peer name eth1 && ip addr add 10.99.99.1/24 dev eth0 && ip link set eth0 up && ip link set eth1 up"
        );
        Engine.Invoke($"Invoke-CtrExec {Id} -StandardError Null -- ping -c 1 -W 1 10.99.99.2");
        var stats = Engine.Require<CtrStats>($"Get-CtrStats {Id} -SingleReading");
        Assert.Equal(["eth0", "eth1"], stats.Networks!.Select(n => n.Name).Order(StringComparer.Ordinal));
        Assert.True(stats.NetworkTx > 0);
        Assert.Equal(stats.Networks!.Sum(n => n.RxBytes), stats.NetworkRx!.Value);

        var host = NewId();
        await StartAsync(id: host, options: "-HostNetwork");
        Assert.Null(Engine.Require<CtrStats>($"Get-CtrStats {host} -SingleReading").NetworkRx);
    }

    [Fact]
    public async Task The_table_fits_a_hundred_columns()
    {
        await StartAsync(Busy, options: "-Cpu 0.2 -Memory 64m");
        var lines = Engine
            .Display($"Get-CtrStats {Id} -Interval 300ms")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.Matches(@"^ContainerId +CPU % +Memory / limit +Mem % +Pids +Block I/O +Net I/O$", lines[0]);
        Assert.Matches($@"^{Id} +\d+\.\d% +[\d.]+[KM]iB/64MiB +\d\.\d% +1 +\S.* +0B/0B$", lines[2]);
        Assert.All(lines, line => Assert.True(line.Length <= Engine.Width));
        // The busiest container that there can be.
        var full = Engine.Display(
            "[Containerd.CtrStats]@{ ContainerId = 'c' * 40; CpuPercent = 6399.97; MemoryUsed = [long]999gb; MemoryLimit = 99.9gb; MemoryPercent = 100; Pids = 32768; BlockRead = 999.9mb; BlockWrite = 1023.9mb; NetworkRx = 999.9kb; NetworkTx = 1023.4kb }"
        );
        Assert.Matches(@" 6400% +999GiB/99\.9GiB +100% +32768 +1000MiB/1GiB +1000KiB/1MiB", full);
        Assert.All(full.Split('\n'), line => Assert.True(line.TrimEnd().Length <= Engine.Width));
    }

    [Theory]
    [InlineData("Get-CtrStats -Interval 50ms", "IntervalTooShort,Containerd.PowerShell.GetCtrStatsCommand")]
    [InlineData("Show-CtrStats", "NoTerminal,Containerd.PowerShell.ShowCtrStatsCommand")]
    public void An_invalid_combination_is_one_error(string command, string id)
    {
        var error = Engine.Invoke(command).Error;
        Assert.Equal(id, error.FullyQualifiedErrorId);
        Assert.False(string.IsNullOrEmpty(error.ErrorDetails.RecommendedAction));
    }

    [Fact]
    public async Task Ids_are_completed()
    {
        await StartAsync();
        foreach (var command in (ReadOnlySpan<string>)["Get-CtrStats", "Show-CtrStats", "Get-CtrProcess"])
            Assert.Contains(Engine.Complete($"{command} {Id[..4]}"), c => c.CompletionText == Id);
    }

    private static long HostMemory() =>
        long.Parse(
            File.ReadLines("/proc/meminfo").First().Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            System.Globalization.CultureInfo.InvariantCulture
        ) * 1024;
}

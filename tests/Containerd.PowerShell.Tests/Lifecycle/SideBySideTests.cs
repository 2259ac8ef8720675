using System.Diagnostics;
using System.Management.Automation;
using Containerd.Client.Workloads.Stats;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Lifecycle;

/// <summary>-ThrottleLimit: several containers at a time.</summary>
public sealed class SideBySideTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public async Task A_hundred_containers_run_in_parallel_and_one_failure_does_not_affect_the_others()
    {
        var ids = Enumerable.Range(1, 100).Select(i => $"{Id}-{i}").ToArray();
        Engine.Require($"New-CtrContainer {Id}-40 -Image {Busybox} {Idle}");
        Engine.Runspace.SessionStateProxy.SetVariable("ids", ids);

        var created = Engine.Invoke($"$ids | New-CtrContainer -Image {Busybox} -ThrottleLimit 16 {Idle}");
        Assert.Equal(99, created.Of<CtrContainer>().Select(c => c.ContainerId).Distinct().Count());
        AssertError(created.Error, ErrorIds.ContainerExists, "NewCtrContainer", ErrorCategory.ResourceExists, $"{Id}-40");

        Engine.Require($"Start-CtrTask {Id}-41 -NoLog");
        var started = Engine.Invoke("$ids | Start-CtrTask -NoLog -ThrottleLimit 16");
        Assert.Equal(99, started.Of<CtrTask>().Count(t => t.Status == CtrStatus.Running));
        AssertError(started.Error, ErrorIds.TaskExists, "StartCtrTask", ErrorCategory.ResourceExists, $"{Id}-41");

        var asked = Engine.Invoke("$ids | Get-CtrContainer | Invoke-CtrExec -ThrottleLimit 16 -PassThru -- hostname");
        Assert.Empty(asked.Errors);
        // Each output is its own container's.
        Assert.Equal(
            100,
            asked.Of<CtrExecResult>().Count(r => r is { ExitCode: 0, Output: string[] lines } && lines.SequenceEqual([r.ContainerId]))
        );

        Engine.Require($"Suspend-CtrTask {Id}-42");
        var paused = Engine.Invoke("$ids | Suspend-CtrTask -ThrottleLimit 16");
        Assert.Equal($"{Id}-42", paused.Error.TargetObject);
        var resumed = Engine.Invoke("$ids | Resume-CtrTask -PassThru -ThrottleLimit 16");
        Assert.Empty(resumed.Errors);
        Assert.Equal(100, resumed.Of<CtrTask>().Count(t => t.Status == CtrStatus.Running));

        Engine.Require($"Remove-CtrContainer {Id}-43 -Force");
        var removed = Engine.Invoke("$ids | Remove-CtrContainer -Force -ThrottleLimit 16");
        AssertError(removed.Error, ErrorIds.ContainerNotFound, "RemoveCtrContainer", ErrorCategory.ObjectNotFound, $"{Id}-43");
        Assert.DoesNotContain(await DaemonFixture.LeftAsync(), left => left.Contains(Id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Results_are_in_completion_order_and_in_input_order_without_the_parameter()
    {
        await StartAsync(id: $"{Id}-slow", command: "-- sh -c 'echo 2 > /wait; sleep 1000'");
        await StartAsync(id: $"{Id}-fast", command: "-- sh -c 'echo 0 > /wait; sleep 1000'");
        const string Wait = "-PassThru -- sh -c 'until [ -s /wait ]; do sleep 0.1; done; sleep $(cat /wait)'";
        var mixed = Engine.Require($"Get-CtrTask {Id}-slow, {Id}-fast | Invoke-CtrExec -ThrottleLimit 2 {Wait}");
        Assert.Equal([$"{Id}-fast", $"{Id}-slow"], mixed.Select(r => ((CtrExecResult)r.BaseObject).ContainerId));
        var ordered = Engine.Require($"Get-CtrTask {Id}-slow, {Id}-fast | Invoke-CtrExec {Wait}");
        Assert.Equal([$"{Id}-slow", $"{Id}-fast"], ordered.Select(r => ((CtrExecResult)r.BaseObject).ContainerId));
    }

    [Fact]
    public async Task WhatIf_applies_before_anything_is_started()
    {
        await StartAsync(id: $"{Id}-a");
        await StartAsync(id: $"{Id}-b");
        Engine.Require($"'{Id}-a', '{Id}-b' | Remove-CtrContainer -Force -ThrottleLimit 8 -WhatIf");
        Assert.Equal(
            [CtrStatus.Running, CtrStatus.Running],
            Engine.Require($"Get-CtrTask {Id}-*").Select(t => ((CtrTask)t.BaseObject).Status)
        );
    }

    [Fact]
    public async Task Ctrl_C_ends_everything_at_once_and_nothing_keeps_running()
    {
        foreach (var name in new[] { "a", "b", "c" })
            await StartAsync(id: $"{Id}-{name}");
        var running = Engine.Start($"Get-CtrTask {Id}-* | Invoke-CtrExec -ThrottleLimit 3 -- sleep 987");
        await Eventually.TrueAsync(() => Execs() == 3);
        var clock = Stopwatch.StartNew();
        await running.StopAsync();
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, AtOnce.Limit);
        Assert.IsType<PipelineStoppedException>(running.Wait().Exception, exactMatch: false);
        await Eventually.TrueAsync(() => Execs() == 0);

        int Execs()
        {
            using var other = DaemonFixture.Open();
            return other.Require($"Get-CtrTask {Id}-* | Get-CtrProcess").Count(p => ((CtrProcessInfo)p.BaseObject).ExecId is not null);
        }
    }

    [Fact]
    public async Task A_pipeline_that_is_stopped_downstream_cancels_the_rest()
    {
        foreach (var name in new[] { "a", "b" })
            await StartAsync(id: $"{Id}-{name}");
        // The first result ends the pipeline, as Select-Object -First 1 does.
        var done = Engine.Invoke(
            $"do {{ Get-CtrTask {Id}-* | Invoke-CtrExec -ThrottleLimit 2 -- sh -c 'echo ready; sleep 987' | ForEach-Object {{ $_; break }} }} while ($false)"
        );
        Assert.Equal("ready", Assert.Single(done.Output).ToString());
        await Eventually.TrueAsync(() =>
            !Engine.Require($"Get-CtrTask {Id}-* | Get-CtrProcess").Any(p => ((CtrProcessInfo)p.BaseObject).ExecId is not null)
        );
    }
}

using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Tasks;

/// <summary>Changing the limits of tasks, as the kernel has them.</summary>
public sealed class UpdateTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public async Task Every_limit_takes_effect_and_is_kept_for_the_next_start()
    {
        await StartAsync(options: "-Memory 64m -PidsLimit 100 -CpuShares 1024");
        var task = Engine.Require<CtrTask>(
            $"Update-CtrTask {Id} -Memory 96m -MemoryReservation 20m -CpuShares 512 -Cpu 0.5 -CpusetCpus 0 -CpusetMems 0 -BlkioWeight 300 -PassThru"
        );
        Assert.Equal((Id, CtrStatus.Running), (task.ContainerId, task.Status));
        Assert.Equal("100663296", Cgroup("memory", "memory.limit_in_bytes"));
        Assert.Equal("20971520", Cgroup("memory", "memory.soft_limit_in_bytes"));
        Assert.Equal("512", Cgroup("cpu", "cpu.shares"));
        Assert.Equal("50000", Cgroup("cpu", "cpu.cfs_quota_us"));
        Assert.Equal("100000", Cgroup("cpu", "cpu.cfs_period_us"));
        Assert.Equal("0", Cgroup("cpuset", "cpuset.cpus"));
        Assert.Equal("100", Cgroup("pids", "pids.max"));
        var kept = Resources();
        Assert.Equal((100663296, 20971520), (kept.Memory!.Limit, kept.Memory.Reservation));
        Assert.Equal((512UL, 50000, 100000UL, "0", "0"), (kept.Cpu!.Shares, kept.Cpu.Quota, kept.Cpu.Period, kept.Cpu.Cpus, kept.Cpu.Mems));
        Assert.Equal((100, (ushort)300), (kept.Pids!.Limit, kept.BlockIO!.Weight));
        Assert.NotEmpty(kept.Devices!);
        Assert.Null(kept.Memory.CheckBeforeUpdate);

        if (File.Exists("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes"))
        {
            Engine.Require($"Update-CtrTask {Id} -MemorySwap 128m");
            Assert.Equal(("134217728", 134217728), (Cgroup("memory", "memory.memsw.limit_in_bytes"), Resources().Memory!.Swap));
        }

        Engine.Require($"Update-CtrTask {Id} -PidsLimit 0 -CpuQuota 20000 -CpuPeriod 50000");
        Assert.Equal("max", Cgroup("pids", "pids.max"));
        Assert.Equal(
            ("20000", "50000", "512"),
            (Cgroup("cpu", "cpu.cfs_quota_us"), Cgroup("cpu", "cpu.cfs_period_us"), Cgroup("cpu", "cpu.shares"))
        );
        Engine.Require($"Update-CtrTask {Id} -Cpu -1");
        Assert.Equal("-1", Cgroup("cpu", "cpu.cfs_quota_us"));

        Engine.Require($"Stop-CtrTask {Id} -Force; Start-CtrTask {Id}");
        Assert.Equal(
            ("100663296", "512", "max"),
            (Cgroup("memory", "memory.limit_in_bytes"), Cgroup("cpu", "cpu.shares"), Cgroup("pids", "pids.max"))
        );
    }

    [Theory]
    [InlineData("@{ memory = @{ limit = 80MB }; pids = @{ limit = 33 } }")]
    [InlineData("'{\"memory\":{\"limit\":83886080},\"pids\":{\"limit\":33}}'")]
    [InlineData("([Containerd.CtrSpecResources]@{ Memory = @{ Limit = 80MB }; Pids = @{ Limit = 33 } })")]
    [InlineData("@{ memory = @{ limit = 1GB }; pids = @{ limit = 33 } } -Memory 80m")]
    public async Task Limits_are_specified_as_a_spec_object_a_hashtable_or_JSON(string resources)
    {
        await StartAsync();
        Engine.Require($"Update-CtrTask {Id} -Resources {resources}");
        Assert.Equal(("83886080", "33"), (Cgroup("memory", "memory.limit_in_bytes"), Cgroup("pids", "pids.max")));
    }

    [Fact]
    public void Created_and_paused_tasks_are_updated_too()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -Memory 64m {Idle} | New-CtrTask | Update-CtrTask -Memory 80m");
        Assert.Equal("83886080", Cgroup("memory", "memory.limit_in_bytes"));
        Engine.Require($"Start-CtrTask {Id} | Suspend-CtrTask -PassThru | Update-CtrTask -Memory 70m");
        Assert.Equal("73400320", Cgroup("memory", "memory.limit_in_bytes"));
        Assert.Equal(CtrStatus.Paused, Status());
    }

    [Fact]
    public async Task A_limit_below_what_is_in_use_is_refused_and_changes_nothing()
    {
        await StartAsync(
            "-- sh -c 'x=$(head -c 20000000 /dev/zero | tr \"\\\\0\" x); echo ready; while :; do sleep 1; done'",
            options: "-Memory 128m -MemorySwap 128m -CpuShares 700"
        );
        var error = Engine.Invoke($"Update-CtrTask {Id} -Memory 4m -CpuShares 300").Error;
        AssertError(error, ErrorIds.LimitInUse, "UpdateCtrTask", ErrorCategory.ResourceBusy, Id);
        Assert.DoesNotContain("unknown", error.ToString(), StringComparison.Ordinal);
        Unchanged("134217728", "700");
        Assert.Equal(CtrStatus.Running, Status());
    }

    [Theory]
    [InlineData("", ErrorIds.NoLimit)]
    [InlineData("-CpusetCpus 77", ErrorIds.InvalidLimit)]
    [InlineData("-CpusetCpus xyz", ErrorIds.InvalidLimit)]
    [InlineData("-Memory 32m -CpusetCpus 77", ErrorIds.InvalidLimit)]
    [InlineData("-Memory 0", ErrorIds.InvalidLimit)]
    [InlineData("-MemorySwap 32m", ErrorIds.InvalidLimit)]
    [InlineData("-MemoryReservation 1g", ErrorIds.InvalidLimit)]
    [InlineData("-Cpu 0", ErrorIds.InvalidLimit)]
    [InlineData("-Cpu 2 -CpuQuota 5000", ErrorIds.InvalidLimit)]
    [InlineData("-CpuQuota 5", ErrorIds.InvalidLimit)]
    [InlineData("-CpuPeriod 5", ErrorIds.InvalidLimit)]
    [InlineData("-CpuShares 1", ErrorIds.InvalidLimit)]
    [InlineData("-BlkioWeight 5", ErrorIds.InvalidLimit)]
    [InlineData("-PidsLimit -2", ErrorIds.InvalidLimit)]
    [InlineData("-Resources '{'", ErrorIds.InvalidSpec)]
    [InlineData("-Resources 5", ErrorIds.InvalidSpec)]
    [InlineData("-Resources @{ memory = @{ limit = 'much' } }", ErrorIds.InvalidSpec)]
    public async Task Impossible_limits_are_rejected_and_change_nothing(string parameters, string error)
    {
        await StartAsync(options: "-Memory 64m -CpuShares 700");
        AssertError(Engine.Invoke($"Update-CtrTask {Id} {parameters}").Error, error, "UpdateCtrTask", ErrorCategory.InvalidArgument, Id);
        Unchanged("67108864", "700");
    }

    [Fact]
    public void Without_a_running_task_there_is_nothing_to_update()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -Memory 64m -- true");
        var error = Engine.Invoke($"Update-CtrTask {Id} -Memory 32m").Error;
        AssertError(error, ErrorIds.TaskNotFound, "UpdateCtrTask", ErrorCategory.ObjectNotFound, Id);
        Assert.Contains("Set-CtrContainer", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Engine.Require($"Start-CtrTask {Id} | Wait-CtrTask");
        AssertError(
            Engine.Invoke($"Update-CtrTask {Id} -Memory 32m").Error,
            ErrorIds.TaskNotRunning,
            "UpdateCtrTask",
            ErrorCategory.ResourceBusy,
            Id
        );
        AssertError(
            Engine.Invoke($"Update-CtrTask {Id}-none -Memory 32m").Error,
            ErrorIds.ContainerNotFound,
            "UpdateCtrTask",
            ErrorCategory.ObjectNotFound,
            $"{Id}-none"
        );
        Assert.Equal(67108864, Resources().Memory!.Limit);
    }

    [Theory]
    [InlineData("sid", "runc")]
    [InlineData("bookworm", "crun")]
    [InlineData("sid", "crun")]
    public async Task Every_runtime_updates_and_rejects(string suite, string runtime)
    {
        var fixture = await DaemonFixtures.GetAsync(suite, runtime);
        using var engine = fixture.Open();
        engine.Require($"New-CtrContainer {Id} -Image {Busybox} -Runtime {runtime} -Memory 64m -CpuShares 700 {Idle} | Start-CtrTask");
        engine.Require($"Update-CtrTask {Id} -Memory 96m -PidsLimit 44");
        Assert.Equal(
            ("100663296", "44", "700"),
            (Cgroup("memory", "memory.limit_in_bytes", fixture), Cgroup("pids", "pids.max", fixture), Cgroup("cpu", "cpu.shares", fixture))
        );
        AssertError(
            engine.Invoke($"Update-CtrTask {Id} -CpuShares 300 -CpusetCpus 77").Error,
            ErrorIds.InvalidLimit,
            "UpdateCtrTask",
            ErrorCategory.InvalidArgument,
            Id
        );
        Assert.Equal(("100663296", "700"), (Cgroup("memory", "memory.limit_in_bytes", fixture), Cgroup("cpu", "cpu.shares", fixture)));
        engine.Require($"Remove-CtrContainer {Id} -Force");
    }

    private void Unchanged(string memory, string shares)
    {
        Assert.Equal((memory, shares), (Cgroup("memory", "memory.limit_in_bytes"), Cgroup("cpu", "cpu.shares")));
        var kept = Resources();
        Assert.Equal((memory, shares, null), ($"{kept.Memory!.Limit}", $"{kept.Cpu!.Shares}", kept.Cpu.Cpus));
    }

    private CtrSpecResources Resources() => Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").Spec!.Linux!.Resources!;

    private string Cgroup(string controller, string file, DaemonFixture? fixture = null) =>
        File.ReadAllText($"/sys/fs/cgroup/{controller}/{(fixture ?? DaemonFixture).Namespace}/{Id}/{file}").Trim();
}

using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Hosts;

/// <summary>Limits as the kernel of a host with cgroup v2 has them.</summary>
public sealed class LimitsOnCgroup2Tests(VmFixture fixture) : VmTest(fixture)
{
    private static readonly string[] Files =
    [
        "memory.max",
        "memory.swap.max",
        "memory.low",
        "pids.max",
        "cpu.max",
        "cpuset.cpus",
        "cpuset.mems",
        "cgroup.freeze",
    ];

    [Theory]
    [InlineData("runc", "Cgroupfs")]
    [InlineData("runc", "Systemd")]
    [InlineData("crun", "Systemd")]
    public async Task Every_limit_takes_effect_and_can_be_raised_and_lowered(string runtime, string driver)
    {
        var task = Start(
            $"-Runtime {runtime} -CgroupDriver {driver} -Memory 64m -MemorySwap 96m -MemoryReservation 32m -PidsLimit 50 -Cpu 0.5 -CpusetCpus 1 -CpusetMems 0"
        );
        var files = await FilesAsync(task, Files);
        Assert.Equal(("67108864", "33554432", "33554432"), (files["memory.max"], files["memory.swap.max"], files["memory.low"]));
        Assert.Equal(("50", "50000 100000"), (files["pids.max"], files["cpu.max"]));
        Assert.Equal(("1", "0"), (files["cpuset.cpus"], files["cpuset.mems"]));

        Engine.Require($"Update-CtrTask {Id} -Memory 128m -MemorySwap 256m -PidsLimit 100 -Cpu 1.5 -CpusetCpus 0-1");
        files = await FilesAsync(task, Files);
        Assert.Equal(("134217728", "134217728"), (files["memory.max"], files["memory.swap.max"]));
        Assert.Equal(("100", "150000 100000", "0-1"), (files["pids.max"], files["cpu.max"], files["cpuset.cpus"]));

        Engine.Require($"Update-CtrTask {Id} -Memory 32m -MemorySwap 32m -PidsLimit 20 -Cpu 0.2 -CpusetCpus 0");
        files = await FilesAsync(task, Files);
        Assert.Equal(("33554432", "0"), (files["memory.max"], files["memory.swap.max"]));
        Assert.Equal(("20", "20000 100000", "0"), (files["pids.max"], files["cpu.max"], files["cpuset.cpus"]));

        Engine.Require($"Suspend-CtrTask {Id}");
        Assert.Equal("1", (await FilesAsync(task, Files))["cgroup.freeze"]);
        Assert.Equal(CtrStatus.Paused, Engine.Require<CtrTask>($"Get-CtrTask {Id}").Status);
        Engine.Require($"Resume-CtrTask {Id}");
        Assert.Equal("0", (await FilesAsync(task, Files))["cgroup.freeze"]);
    }

    [Fact]
    public async Task The_speed_of_a_device_is_limited_by_the_specification()
    {
        var device = (await Machine.RunScriptAsync("cat /sys/block/vda/dev")).Trim();
        var numbers = device.Split(':');
        // An update cannot be verified over SSH, and is refused.
        var task = Engine.Require<CtrTask>(
            $$"""
            $spec = New-CtrSpec {{Id}} -Image {{Busybox}} -- sleep 1000
            $device = @{ Major = {{numbers[0]}}; Minor = {{numbers[1]}}; Rate = 1048576 }
            $spec.Linux.Resources.BlockIO = @{ ThrottleReadBpsDevice = @($device) }
            New-CtrContainer {{Id}} -Image {{Busybox}} -Spec $spec | Start-CtrTask -NoLog
            """
        );
        Assert.StartsWith($"{device} rbps=1048576 wbps=max", (await FilesAsync(task, "io.max"))["io.max"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bookworm", "Cgroupfs")]
    [InlineData("sid", "Systemd")]
    public async Task A_task_that_ran_out_of_memory_is_recognized(string suite, string driver)
    {
        await UseAsync(suite);
        // busybox's tail keeps a line until it ends. The first process stays, so that the counter can be read.
        Start($"-CgroupDriver {driver} -Memory 16m -MemorySwap 16m", "sh -c 'tail /dev/zero; exec sleep 1000'");
        await Eventually.TrueAsync(
            () => Engine.Require<CtrStats>($"Get-CtrStats {Id}").CgroupV2!.MemoryEvents!.OomKill > 0,
            TimeSpan.FromMinutes(5)
        );
        var exit = Engine.Require<CtrExit>($"Stop-CtrTask {Id} -Timeout 0s");
        Assert.Equal((137, true), (exit.ExitCode, exit.OomKilled));
    }

    [Fact]
    public async Task A_wait_reports_that_a_process_ran_out_of_memory_though_systemd_removes_the_counter_with_the_task()
    {
        var task = Start(
            "-CgroupDriver systemd -Memory 16m -MemorySwap 16m",
            "sh -c 'until [ -e /go ]; do sleep 0.2; done; tail /dev/zero; sleep 2; exit 7'"
        );
        // The wait subscribes first, and confirms that by events of its own, which another client sees.
        var events = $"/run/{Id}.events";
        var watcher = (
            await Machine.RunScriptAsync(
                $"""
                ctr events > {events} 2> /dev/null < /dev/null &
                until [ -s {events} ]; do ctr namespaces label {Namespace} seen=$RANDOM; sleep 0.2; done
                echo $!
                """
            )
        ).Trim();
        var subscribed = Machine.RunScriptAsync(
            $"until grep -q /containerd-powershell/ {events}; do sleep 0.2; done; kill {watcher}; touch /proc/{task.Pid}/root/go"
        );
        var exit = Engine.Require<CtrExit>($"Wait-CtrTask {Id}");
        await subscribed;
        Assert.Equal((7, true), (exit.ExitCode, exit.OomKilled));
    }
}

using System.Globalization;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Hosts;

/// <summary>
/// Statistics against the counters of the kernel. Emulated time passes unevenly, so that they are compared over the same interval of the
/// machine's own clock.
/// </summary>
public sealed class StatsOfKnownLoadTests(VmFixture fixture) : VmTest(fixture)
{
    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task The_processor_time_is_that_of_the_kernel_within_ten_percent(string suite)
    {
        await UseAsync(suite);
        var task = Start("-Cpu 0.5", "sh -c 'while :; do :; done'");
        var path = await CgroupAsync(task);
        // The first line is: usage_usec NUMBER. It ends with the container.
        await Machine.RunScriptAsync(
            $"(cd /sys/fs/cgroup{path}; while read -r _ used < cpu.stat; do echo \"$EPOCHREALTIME $used\"; sleep 0.1; done) > /run/{Id} 2> /dev/null < /dev/null &"
        );
        var attempts = new List<string>();
        for (var attempt = 0; attempt < 4; attempt++)
        {
            var stats = Engine.Require<CtrStats>($"Get-CtrStats {Id} -Interval 6s");
            Assert.NotNull(stats.CgroupV2);
            var samples = (await Machine.RunScriptAsync($"cat /run/{Id}"))
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split(' '))
                .Where(words => words.Length == 2)
                .Select(words => (Time: Number(words[0]), Used: Number(words[1]) / 1e6))
                .ToArray();
            var end = (stats.Timestamp.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;
            var seconds = stats.Interval!.Value.TotalSeconds;
            var expected = 100 * (At(samples, end) - At(samples, end - seconds)) / seconds;
            attempts.Add(string.Create(CultureInfo.InvariantCulture, $"{stats.CpuPercent:0.0} % instead of {expected:0.0} %"));
            // One reading may have been interrupted for long.
            if (expected > 10 && Math.Abs(stats.CpuPercent!.Value - expected) <= 0.1 * expected)
                return;
        }

        Assert.Fail(string.Join("; ", attempts));
    }

    [Theory]
    [InlineData("bookworm", "crun")]
    [InlineData("sid", "runc")]
    public async Task The_memory_is_that_of_the_kernel_within_five_percent(string suite, string runtime)
    {
        const long Load = 40 << 20;
        await UseAsync(suite);
        var task = Start(
            $"-Runtime {runtime} -Memory 96m -PidsLimit 30",
            "sh -c 'dd if=/dev/zero of=/dev/shm/load bs=1M count=40 2> /dev/null; touch /dev/shm/done; exec sleep 1000'"
        );
        await Machine.RunScriptAsync($"until [ -e /proc/{task.Pid}/root/dev/shm/done ]; do sleep 0.1; done");
        var stats = Engine.Require<CtrStats>($"Get-CtrStats {Id}");
        var files = await FilesAsync(task, "memory.current", "pids.current");
        var current = long.Parse(files["memory.current"], CultureInfo.InvariantCulture);
        Assert.InRange(stats.MemoryUsage!.Value, current * 0.95, current * 1.05);
        Assert.InRange(stats.MemoryUsed!.Value, Load * 0.95, Load * 1.05);
        Assert.Equal(100663296, stats.MemoryLimit);
        Assert.Equal((files["pids.current"], 30), ($"{stats.Pids}", stats.PidsLimit));
        Assert.Equal(task.Pid, Engine.Require<CtrProcessInfo>($"Get-CtrProcess {Id}").Pid);
        Assert.InRange(stats.CgroupV2!.Memory!.Shmem!.Value, Load, Load * 1.05);
        // containerd reports pressure since 2.0.
        if (suite == "sid")
            Assert.NotNull(stats.CgroupV2.Memory.Pressure!.Some);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>The processor time at a point in time, between two samples.</summary>
    private static double At((double Time, double Used)[] samples, double time)
    {
        var next = samples.TakeWhile(sample => sample.Time < time).Count();
        if (next == 0)
            return samples[0].Used;
        if (next == samples.Length)
            return samples[^1].Used;
        var (before, after) = (samples[next - 1], samples[next]);
        return before.Used + ((after.Used - before.Used) * (time - before.Time) / (after.Time - before.Time));
    }
}

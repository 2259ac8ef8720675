using Containerd.Host.Facts;

namespace Containerd.Client.Tests.Stats;

/// <summary>The figures that take more than one message: processor time between two readings, and what the host itself knows.</summary>
public sealed class StatsFigureTests
{
    private static readonly DateTime Noon = new(2026, 1, 2, 12, 0, 0, DateTimeKind.Local);

    [Fact]
    public void Processor_time_is_that_between_two_readings_in_percent_of_one_processor()
    {
        var now = Reading(2, 3.5);
        StatsSampler.Compare(now, Reading(0, 0.5));
        Assert.Equal(150, now.CpuPercent);
        Assert.Equal(TimeSpan.FromSeconds(2), now.Interval);
    }

    [Fact]
    public void Unrelated_readings_result_in_no_percentage()
    {
        CtrStats?[] others =
        [
            null,
            Reading(2, 1),
            Reading(3, 1),
            Reading(0, 9),
            new() { Timestamp = Noon, Pid = 7 },
            new()
            {
                Timestamp = Noon,
                Pid = 8,
                CpuTime = TimeSpan.Zero,
            },
        ];
        Assert.All(others, before =>
        {
            var now = Reading(2, 3.5);
            StatsSampler.Compare(now, before);
            Assert.Null(now.CpuPercent);
            Assert.Null(now.Interval);
        });
    }

    [Fact]
    public void Interfaces_are_read_from_proc_without_the_loopback()
    {
        var found = LocalHost.Parse([
            "Inter-|   Receive                                                |  Transmit",
            " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed",
            "    lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          0",
            "  eth0: 18446744073709551615 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0",
            "vlan:1:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16",
            "",
        ]);
        Assert.Equal(["eth0", "vlan:1"], found.Select(n => n.Name));
        Assert.Equal(
            (2L, 3L, 4L, 5L, 6L, 7L, 8L),
            (
                found[0].RxPackets,
                found[0].RxErrors,
                found[0].RxDropped,
                found[0].TxBytes,
                found[0].TxPackets,
                found[0].TxErrors,
                found[0].TxDropped
            )
        );
        Assert.Equal(long.MaxValue, found[0].RxBytes);
    }

    [Fact]
    public void The_network_of_this_process_is_that_of_the_daemon_and_is_not_reported() =>
        Assert.Null(LocalHost.Interfaces(Environment.ProcessId, Environment.ProcessId));

    private static CtrStats Reading(double seconds, double used) =>
        new()
        {
            ContainerId = "web",
            Pid = 7,
            Timestamp = Noon.AddSeconds(seconds),
            CpuTime = TimeSpan.FromSeconds(used),
        };
}

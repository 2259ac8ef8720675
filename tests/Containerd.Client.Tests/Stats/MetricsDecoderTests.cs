using Containerd.Client.Wire.RunhcsStats;
using Containerd.Client.Workloads.Stats;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using V1 = Containerd.Client.Wire.CgroupsV1;
using V2 = Containerd.Client.Wire.CgroupsV2;

namespace Containerd.Client.Tests.Stats;

/// <summary>What shims send as metrics, read into typed objects, and the figures that follow from it.</summary>
public sealed class MetricsDecoderTests
{
    private const ulong MiB = 1 << 20;

    [Fact]
    public void No_number_of_cgroup_v1_is_lost_or_mixed_up()
    {
        ulong count = 0;
        var stats = Decode(WholeMessage.Fill(new V1.Metrics(), ref count));
        Assert.Null(stats.CgroupV2);
        Assert.Null(stats.Windows);
        AssertAll(stats.CgroupV1!, count, flags: 9);

        var memory = stats.CgroupV1!.Memory!;
        ulong again = 0;
        var wire = WholeMessage.Fill(new V1.Metrics(), ref again).Memory;
        AssertNamed(wire, memory);
        Assert.Equal((long)wire.KernelTcp.Failcnt, memory.KernelTcp!.FailCount);
    }

    [Fact]
    public void No_number_of_cgroup_v2_is_lost_or_mixed_up()
    {
        ulong count = 0;
        var wire = WholeMessage.Fill(new V2.Metrics(), ref count);
        var stats = Decode(wire);
        Assert.Null(stats.CgroupV1);
        AssertAll(stats.CgroupV2!, count, flags: 3);
        AssertNamed(wire.Memory, stats.CgroupV2!.Memory!);
        Assert.Equal(wire.Memory.Psi.Full.Avg300, stats.CgroupV2.Memory!.Pressure!.Full!.Avg300);
        Assert.Equal(wire.Cpu.UsageUsec, stats.CgroupV2.Cpu!.Usage.TotalMicroseconds);
    }

    [Fact]
    public void No_number_of_Windows_is_lost_or_mixed_up()
    {
        ulong count = 0;
        var wire = WholeMessage.Fill(new Statistics(), ref count);
        // Of the two kinds of container a message holds one, the last that was set.
        ulong again = 0;
        wire.Windows = WholeMessage.Fill(new WindowsContainerStatistics(), ref again);
        var stats = Decode(wire);
        Assert.Null(stats.CgroupV1);
        var windows = stats.Windows!;
        Assert.Equal(wire.Windows.UptimeNs, windows.Uptime.TotalNanoseconds);
        Assert.Equal(wire.Windows.ContainerStartTime.ToDateTime(), windows.StartedAt!.Value.ToUniversalTime());
        Assert.Equal(
            (wire.Windows.Processor.TotalRuntimeNs, wire.Windows.Processor.RuntimeUserNs, wire.Windows.Processor.RuntimeKernelNs),
            (
                (ulong)windows.Cpu!.Total.TotalNanoseconds,
                (ulong)windows.Cpu.User.TotalNanoseconds,
                (ulong)windows.Cpu.Kernel.TotalNanoseconds
            )
        );
        Assert.Equal(
            (
                wire.Windows.Memory.MemoryUsageCommitBytes,
                wire.Windows.Memory.MemoryUsageCommitPeakBytes,
                wire.Windows.Memory.MemoryUsagePrivateWorkingSetBytes
            ),
            ((ulong)windows.Memory!.Commit!.Value, (ulong)windows.Memory.CommitPeak!.Value, (ulong)windows.Memory.PrivateWorkingSet!.Value)
        );
        Assert.Equal(
            (
                wire.Windows.Storage.ReadCountNormalized,
                wire.Windows.Storage.ReadSizeBytes,
                wire.Windows.Storage.WriteCountNormalized,
                wire.Windows.Storage.WriteSizeBytes
            ),
            (
                (ulong)windows.Storage!.Reads,
                (ulong)windows.Storage.ReadBytes!.Value,
                (ulong)windows.Storage.Writes,
                (ulong)windows.Storage.WriteBytes!.Value
            )
        );
        AssertNamed(wire.Vm.Memory.VmMemory, windows.VirtualMachine!);
        Assert.Equal((long)wire.Vm.Memory.WorkingSetBytes, windows.VirtualMachine!.WorkingSet);
        Assert.Equal(wire.Vm.Processor.TotalRuntimeNs, windows.VirtualMachine.CpuTotal.TotalNanoseconds);
        Assert.Equal(windows.Memory.PrivateWorkingSet, stats.MemoryUsed);
        Assert.Equal(windows.Memory.PrivateWorkingSet, stats.WorkingSet);
        Assert.Equal(windows.Memory.Commit, stats.MemoryUsage);
        Assert.Equal(windows.Cpu.Total, stats.CpuTime);
        Assert.Equal(windows.Storage.WriteBytes, stats.BlockWrite);
        Assert.Null(stats.Pids);
    }

    [Fact]
    public void Windows_metrics_are_read_from_plain_bytes()
    {
        // windows { uptime_ns: 1500, processor { total_runtime_ns: 700 }, memory { private working set: 300 }, storage { read_size_bytes: 5
        // } }
        byte[] bytes = [0x0a, 0x11, 0x18, 0xdc, 0x0b, 0x22, 0x03, 0x08, 0xbc, 0x05, 0x2a, 0x03, 0x18, 0xac, 0x02, 0x32, 0x02, 0x10, 0x05];
        var stats = new CtrStats { ContainerId = "web" };
        MetricsDecoder.Decode(new Any { TypeUrl = "containerd.runhcs.stats.v1.Statistics", Value = ByteString.CopyFrom(bytes) }, stats);
        Assert.Equal(15, stats.Windows!.Uptime.Ticks);
        Assert.Equal(7, stats.CpuTime!.Value.Ticks);
        Assert.Equal(300, stats.MemoryUsed!.Value);
        Assert.Equal(5, stats.BlockRead!.Value);
        Assert.Null(stats.Windows.VirtualMachine);
    }

    [Fact]
    public void A_Linux_container_on_Windows_has_both_kinds()
    {
        var stats = Decode(
            new Statistics
            {
                Linux = new V1.Metrics { Pids = new V1.PidsStat { Current = 3 } },
                Vm = new VirtualMachineStatistics { Memory = new VirtualMachineMemoryStatistics { WorkingSetBytes = 5 * MiB } },
            }
        );
        Assert.Equal(3, stats.Pids);
        Assert.Equal(3, stats.CgroupV1!.Pids!.Current);
        Assert.Equal((long)(5 * MiB), stats.Windows!.VirtualMachine!.WorkingSet);
    }

    [Fact]
    public void Memory_is_counted_as_Docker_does()
    {
        var v1 = Decode(
            new V1.Metrics
            {
                Memory = new V1.MemoryStat
                {
                    Usage = new V1.MemoryEntry { Usage = 100 * MiB, Limit = 200 * MiB },
                    TotalInactiveFile = 30 * MiB,
                    InactiveFile = MiB,
                },
            }
        );
        var v2 = Decode(
            new V2.Metrics
            {
                Memory = new V2.MemoryStat
                {
                    Usage = 100 * MiB,
                    UsageLimit = 200 * MiB,
                    InactiveFile = 30 * MiB,
                },
            }
        );
        Assert.All([v1, v2], stats =>
        {
            Assert.Equal(
                "100 70 70 200",
                $"{stats.MemoryUsage / (long)MiB} {stats.MemoryUsed / (long)MiB} {stats.WorkingSet / (long)MiB} {stats.MemoryLimit / (long)MiB}"
            );
            Assert.False(stats.IsMemoryUnlimited);
        });
        // The cache was read later, and has grown since.
        Assert.Equal(
            (long)(10 * MiB),
            Decode(
                new V2.Metrics
                {
                    Memory = new V2.MemoryStat { Usage = 10 * MiB, InactiveFile = 11 * MiB },
                }
            ).MemoryUsed
        );
    }

    [Fact]
    public void The_lowest_limit_is_used_and_the_largest_number_means_none()
    {
        static V1.MemoryStat Memory(ulong limit, ulong above) =>
            new()
            {
                Usage = new V1.MemoryEntry { Usage = 1, Limit = limit },
                HierarchicalMemoryLimit = above,
            };
        Assert.Equal(7, Decode(new V1.Metrics { Memory = Memory(0x7FFF_FFFF_FFFF_F000, 7) }).MemoryLimit);
        Assert.Equal(6, Decode(new V1.Metrics { Memory = Memory(6, 7) }).MemoryLimit);
        Assert.Equal(8, Decode(new V1.Metrics { Memory = Memory(8, 0x7FFF_FFFF_FFFF_0000) }).MemoryLimit);
        var v1 = Decode(new V1.Metrics { Memory = Memory(0x7FFF_FFFF_FFFF_F000, 0x7FFF_FFFF_FFFF_0000) });
        Assert.Equal((null, true), (v1.MemoryLimit, v1.IsMemoryUnlimited));
        var raw = v1.CgroupV1!.Memory!;
        Assert.Equal(
            (null, true, null, true),
            (raw.Usage!.Limit, raw.Usage.IsUnlimited, raw.HierarchicalMemoryLimit, raw.IsHierarchicalMemoryUnlimited)
        );
        var v2 = Decode(
            new V2.Metrics
            {
                Memory = new V2.MemoryStat
                {
                    Usage = 1,
                    UsageLimit = ulong.MaxValue,
                    SwapLimit = 5,
                },
                Hugetlb = { new V2.HugeTlbStat { Max = ulong.MaxValue } },
            }
        );
        Assert.Equal((null, true), (v2.MemoryLimit, v2.IsMemoryUnlimited));
        Assert.Equal(
            (null, true, 5L, false),
            (
                v2.CgroupV2!.Memory!.UsageLimit,
                v2.CgroupV2.Memory.IsUsageUnlimited,
                v2.CgroupV2.Memory.SwapLimit,
                v2.CgroupV2.Memory.IsSwapUnlimited
            )
        );
        Assert.Equal((null, true), (v2.CgroupV2.Hugetlb[0].Limit, v2.CgroupV2.Hugetlb[0].IsUnlimited));
        // Kernels that do not record the maximum report 0.
        Assert.Null(v2.CgroupV2.Memory.MaxUsage);
        Assert.Null(
            Decode(
                new V1.Metrics
                {
                    Pids = new V1.PidsStat { Current = 2, Limit = 0 },
                }
            ).PidsLimit
        );
        Assert.Null(
            Decode(
                new V2.Metrics
                {
                    Pids = new V2.PidsStat { Current = 2, Limit = ulong.MaxValue },
                }
            ).PidsLimit
        );
        Assert.Equal(
            9,
            Decode(
                new V2.Metrics
                {
                    Pids = new V2.PidsStat { Current = 2, Limit = 9 },
                }
            ).PidsLimit
        );
    }

    [Fact]
    public void Block_devices_are_added_up_and_nothing_is_not_zero_on_v1()
    {
        static V1.BlkIOEntry Entry(string op, ulong minor, ulong value) =>
            new()
            {
                Op = op,
                Minor = minor,
                Value = value,
            };
        var v1 = Decode(
            new V1.Metrics
            {
                Blkio = new V1.BlkIOStat
                {
                    IoServiceBytesRecursive = { Entry("Read", 0, 5), Entry("read", 1, 6), Entry("Write", 0, 7), Entry("Total", 0, 12) },
                },
            }
        );
        Assert.Equal((11L, 7L), (v1.BlockRead, v1.BlockWrite));
        Assert.Null(Decode(new V1.Metrics { Blkio = new V1.BlkIOStat() }).BlockRead);
        var v2 = Decode(
            new V2.Metrics
            {
                Io = new V2.IOStat
                {
                    Usage =
                    {
                        new V2.IOEntry { Rbytes = 5, Wbytes = 1 },
                        new V2.IOEntry { Rbytes = 6, Wbytes = 2 },
                    },
                },
            }
        );
        Assert.Equal((11L, 3L), (v2.BlockRead, v2.BlockWrite));
        Assert.Equal(0, Decode(new V2.Metrics { Io = new V2.IOStat() }).BlockRead);
    }

    [Fact]
    public void A_controller_that_v2_does_not_have_returns_no_figures()
    {
        var stats = Decode(
            new V2.Metrics
            {
                Pids = new(),
                Cpu = new(),
                Memory = new(),
            }
        );
        Assert.Null(stats.Pids);
        Assert.Null(stats.CpuTime);
        Assert.Null(stats.MemoryUsed);
        Assert.Null(stats.MemoryLimit);
        Assert.NotNull(stats.CgroupV2!.Memory);
    }

    [Fact]
    public void Unknown_and_broken_metrics_are_clear_errors()
    {
        var unknown = Assert.Throws<CtrNotSupportedException>(() =>
            MetricsDecoder.Decode(new Any { TypeUrl = "io.example.Metrics" }, new CtrStats { ContainerId = "web" })
        );
        Assert.Equal((ErrorIds.MetricsUnknown, "web"), (unknown.ErrorId, unknown.Subject));
        Assert.Contains("io.example.Metrics", unknown.Message, StringComparison.Ordinal);
        var broken = new Any { TypeUrl = "io.containerd.cgroups.v1.Metrics", Value = ByteString.CopyFrom(0x0a, 0x50) };
        Assert.Equal(
            ErrorIds.MetricsInvalid,
            Assert.Throws<CtrDataException>(() => MetricsDecoder.Decode(broken, new CtrStats { ContainerId = "web" })).ErrorId
        );
    }

    private static CtrStats Decode(IMessage message)
    {
        var stats = new CtrStats { ContainerId = "web" };
        MetricsDecoder.Decode(new Any { TypeUrl = message.Descriptor.FullName, Value = message.ToByteString() }, stats);
        return stats;
    }

    /// <summary>As many different values as there were fields, but for those that became flags.</summary>
    private static void AssertAll(object model, ulong count, int flags)
    {
        var values = WholeMessage.Values(model).Where(v => v is not bool).Select(v => v.ToString()).ToList();
        Assert.Equal(values.Count, values.Distinct().Count());
        Assert.Equal(flags, WholeMessage.Values(model).Count(v => v is bool));
        Assert.True(values.Count > (int)count / 2, $"{values.Count} of {count}");
    }

    /// <summary>Each number of a message is in the property that has its name.</summary>
    private static void AssertNamed(IMessage wire, object model)
    {
        var properties = model.GetType().GetProperties().ToDictionary(p => p.Name, StringComparer.OrdinalIgnoreCase);
        foreach (var field in wire.Descriptor.Fields.InDeclarationOrder())
        {
            var value = field.Accessor.GetValue(wire);
            if (value is IMessage && field.Name == "psi")
                continue;
            Assert.True(properties.TryGetValue(field.Name.Replace("_", "", StringComparison.Ordinal), out var property), field.Name);
            var ours = property.GetValue(model);
            Assert.Equal(
                value is IMessage ? true : value,
                ours switch
                {
                    long number when value is ulong => (ulong)number,
                    long number when value is int => (int)number,
                    bool flag => flag,
                    _ => ours is not null,
                }
            );
        }
    }
}

using Containerd.Client.Wire.CgroupsV1;

namespace Containerd.Client.Workloads.Stats;

/// <summary>Converts the metrics of cgroup v1 to objects of the model.</summary>
internal static class CgroupV1Metrics
{
    internal static CtrCgroupV1Stats Model(this Metrics wire) =>
        new()
        {
            // The shim reports "max" as a limit of 0.
            Pids = wire.Pids is { } pids
                ? new() { Current = pids.Current.Count(), Limit = pids.Limit == 0 ? null : pids.Limit.Count() }
                : null,
            Cpu = Cpu(wire.Cpu),
            Memory = Memory(wire.Memory),
            BlockIO = BlockIO(wire.Blkio),
            Hugetlb =
            [
                .. wire.Hugetlb.Select(h => new CtrHugetlbStats
                {
                    PageSize = h.Pagesize,
                    Usage = h.Usage.Count(),
                    Max = h.Max.Count(),
                    FailCount = h.Failcnt.Count(),
                }),
            ],
            Rdma = wire.Rdma is { } rdma
                ? new() { Current = [.. rdma.Current.Select(Device)], Limit = [.. rdma.Limit.Select(Device)] }
                : null,
            Network = [.. wire.Network.Select(Network)],
            Processes = wire.CgroupStats is { } p
                ? new()
                {
                    Sleeping = p.NrSleeping.Count(),
                    Running = p.NrRunning.Count(),
                    Stopped = p.NrStopped.Count(),
                    Uninterruptible = p.NrUninterruptible.Count(),
                    IOWait = p.NrIoWait.Count(),
                }
                : null,
            Oom = wire.MemoryOomControl is { } oom
                ? new()
                {
                    KillDisabled = oom.OomKillDisable != 0,
                    UnderOom = oom.UnderOom != 0,
                    Kills = oom.OomKill.Count(),
                }
                : null,
        };

    /// <summary>The readable figures.</summary>
    internal static void Derive(CtrStats stats, CtrCgroupV1Stats raw)
    {
        stats.CpuTime = raw.Cpu?.Total;
        stats.Pids = raw.Pids?.Current;
        stats.PidsLimit = raw.Pids?.Limit;
        if (raw.Memory is { Usage: { } usage } memory)
        {
            stats.MemoryUsage = usage.Usage;
            stats.MemoryUsed = stats.WorkingSet = usage.Usage.Without(memory.TotalInactiveFile);
            var above = memory.HierarchicalMemoryLimit;
            stats.MemoryLimit = above > 0 && !(above >= usage.Limit) ? above : usage.Limit;
            stats.IsMemoryUnlimited = stats.MemoryLimit is null;
        }

        // Without an entry, the kernel either had nothing to count or does not count: 0 would be a guess.
        if (raw.BlockIO is { ServiceBytes: { Length: > 0 } entries })
        {
            long Sum(string operation) =>
                entries.Where(e => e.Operation.Equals(operation, StringComparison.OrdinalIgnoreCase)).Sum(e => e.Value);
            stats.BlockRead = Sum("Read");
            stats.BlockWrite = Sum("Write");
        }

        if (raw.Network.Length > 0)
            stats.Networks = [.. raw.Network.Where(n => n.Name != "lo")];
    }

    private static CtrCgroupV1Cpu? Cpu(CPUStat? wire) =>
        wire is null
            ? null
            : new()
            {
                Total = (wire.Usage?.Total ?? 0).Nanoseconds(),
                User = (wire.Usage?.User ?? 0).Nanoseconds(),
                Kernel = (wire.Usage?.Kernel ?? 0).Nanoseconds(),
                PerCpu = [.. wire.Usage?.PerCpu.Select(t => t.Nanoseconds()) ?? []],
                Periods = (wire.Throttling?.Periods ?? 0).Count(),
                ThrottledPeriods = (wire.Throttling?.ThrottledPeriods ?? 0).Count(),
                ThrottledTime = (wire.Throttling?.ThrottledTime ?? 0).Nanoseconds(),
            };

    private static CtrCgroupV1Memory? Memory(MemoryStat? wire) =>
        wire is null
            ? null
            : new()
            {
                Usage = Use(wire.Usage),
                Swap = Use(wire.Swap),
                Kernel = Use(wire.Kernel),
                KernelTcp = Use(wire.KernelTcp),
                HierarchicalMemoryLimit = wire.HierarchicalMemoryLimit.Limit(),
                IsHierarchicalMemoryUnlimited = wire.HierarchicalMemoryLimit.IsNoLimit(),
                HierarchicalSwapLimit = wire.HierarchicalSwapLimit.Limit(),
                IsHierarchicalSwapUnlimited = wire.HierarchicalSwapLimit.IsNoLimit(),
                Cache = wire.Cache.Count(),
                Rss = wire.Rss.Count(),
                RssHuge = wire.RssHuge.Count(),
                MappedFile = wire.MappedFile.Count(),
                Dirty = wire.Dirty.Count(),
                Writeback = wire.Writeback.Count(),
                PgPgIn = wire.PgPgIn.Count(),
                PgPgOut = wire.PgPgOut.Count(),
                PgFault = wire.PgFault.Count(),
                PgMajFault = wire.PgMajFault.Count(),
                InactiveAnon = wire.InactiveAnon.Count(),
                ActiveAnon = wire.ActiveAnon.Count(),
                InactiveFile = wire.InactiveFile.Count(),
                ActiveFile = wire.ActiveFile.Count(),
                Unevictable = wire.Unevictable.Count(),
                TotalCache = wire.TotalCache.Count(),
                TotalRss = wire.TotalRss.Count(),
                TotalRssHuge = wire.TotalRssHuge.Count(),
                TotalMappedFile = wire.TotalMappedFile.Count(),
                TotalDirty = wire.TotalDirty.Count(),
                TotalWriteback = wire.TotalWriteback.Count(),
                TotalPgPgIn = wire.TotalPgPgIn.Count(),
                TotalPgPgOut = wire.TotalPgPgOut.Count(),
                TotalPgFault = wire.TotalPgFault.Count(),
                TotalPgMajFault = wire.TotalPgMajFault.Count(),
                TotalInactiveAnon = wire.TotalInactiveAnon.Count(),
                TotalActiveAnon = wire.TotalActiveAnon.Count(),
                TotalInactiveFile = wire.TotalInactiveFile.Count(),
                TotalActiveFile = wire.TotalActiveFile.Count(),
                TotalUnevictable = wire.TotalUnevictable.Count(),
            };

    private static CtrCgroupV1MemoryUse? Use(MemoryEntry? wire) =>
        wire is null
            ? null
            : new()
            {
                Usage = wire.Usage.Count(),
                Limit = wire.Limit.Limit(),
                IsUnlimited = wire.Limit.IsNoLimit(),
                Max = wire.Max.Count(),
                FailCount = wire.Failcnt.Count(),
            };

    private static CtrCgroupV1BlockIO? BlockIO(BlkIOStat? wire) =>
        wire is null
            ? null
            : new()
            {
                ServiceBytes = [.. wire.IoServiceBytesRecursive.Select(Entry)],
                Serviced = [.. wire.IoServicedRecursive.Select(Entry)],
                Queued = [.. wire.IoQueuedRecursive.Select(Entry)],
                ServiceTime = [.. wire.IoServiceTimeRecursive.Select(Entry)],
                WaitTime = [.. wire.IoWaitTimeRecursive.Select(Entry)],
                Merged = [.. wire.IoMergedRecursive.Select(Entry)],
                Time = [.. wire.IoTimeRecursive.Select(Entry)],
                Sectors = [.. wire.SectorsRecursive.Select(Entry)],
            };

    private static CtrCgroupV1BlockIOEntry Entry(BlkIOEntry wire) =>
        new()
        {
            Operation = wire.Op,
            Device = wire.Device,
            Major = wire.Major.Count(),
            Minor = wire.Minor.Count(),
            Value = wire.Value.Count(),
        };

    private static CtrRdmaDevice Device(RdmaEntry wire) =>
        new()
        {
            Device = wire.Device,
            HcaHandles = wire.HcaHandles,
            HcaObjects = wire.HcaObjects,
        };

    private static CtrNetworkStats Network(NetworkStat wire) =>
        new()
        {
            Name = wire.Name,
            RxBytes = wire.RxBytes.Count(),
            RxPackets = wire.RxPackets.Count(),
            RxErrors = wire.RxErrors.Count(),
            RxDropped = wire.RxDropped.Count(),
            TxBytes = wire.TxBytes.Count(),
            TxPackets = wire.TxPackets.Count(),
            TxErrors = wire.TxErrors.Count(),
            TxDropped = wire.TxDropped.Count(),
        };
}

using Containerd.Client.Wire.CgroupsV2;

namespace Containerd.Client.Workloads.Stats;

/// <summary>Converts the metrics of cgroup v2 to objects of the model.</summary>
internal static class CgroupV2Metrics
{
    internal static CtrCgroupV2Stats Model(this Metrics wire) =>
        new()
        {
            Pids = wire.Pids is { } pids
                ? new() { Current = pids.Current.Count(), Limit = pids.Limit is 0 or ulong.MaxValue ? null : pids.Limit.Count() }
                : null,
            Cpu = Cpu(wire.Cpu),
            Memory = Memory(wire.Memory),
            MemoryEvents = wire.MemoryEvents is { } e
                ? new()
                {
                    Low = e.Low.Count(),
                    High = e.High.Count(),
                    Max = e.Max.Count(),
                    Oom = e.Oom.Count(),
                    OomKill = e.OomKill.Count(),
                }
                : null,
            IO = wire.Io is { } io ? new() { Devices = [.. io.Usage.Select(Device)], Pressure = io.Psi.Model() } : null,
            Hugetlb =
            [
                .. wire.Hugetlb.Select(h => new CtrHugetlbStats
                {
                    PageSize = h.Pagesize,
                    Usage = h.Current.Count(),
                    Limit = h.Max.Limit(),
                    IsUnlimited = h.Max.IsNoLimit(),
                }),
            ],
            Rdma = wire.Rdma is { } rdma ? new() { Current = [.. rdma.Current.Select(Rdma)], Limit = [.. rdma.Limit.Select(Rdma)] } : null,
        };

    /// <summary>The readable figures. A running task has a process, memory and time: if these are 0, the controller is missing.</summary>
    internal static void Derive(CtrStats stats, CtrCgroupV2Stats raw)
    {
        if (raw.Cpu is { } cpu && cpu.Usage > TimeSpan.Zero)
            stats.CpuTime = cpu.Usage;
        if (raw.Pids is { Current: > 0 } pids)
        {
            stats.Pids = pids.Current;
            stats.PidsLimit = pids.Limit;
        }

        if (raw.Memory is { } memory && memory.Usage > 0)
        {
            stats.MemoryUsage = memory.Usage;
            stats.MemoryUsed = stats.WorkingSet = memory.Usage.Without(memory.InactiveFile);
            stats.MemoryLimit = memory.UsageLimit;
            stats.IsMemoryUnlimited = memory.IsUsageUnlimited;
        }

        if (raw.IO is { } io)
        {
            stats.BlockRead = io.Devices.Sum(d => d.ReadBytes);
            stats.BlockWrite = io.Devices.Sum(d => d.WriteBytes);
        }
    }

    private static CtrCgroupV2Cpu? Cpu(CPUStat? wire) =>
        wire is null
            ? null
            : new()
            {
                Usage = wire.UsageUsec.Microseconds(),
                User = wire.UserUsec.Microseconds(),
                System = wire.SystemUsec.Microseconds(),
                Periods = wire.NrPeriods.Count(),
                ThrottledPeriods = wire.NrThrottled.Count(),
                ThrottledTime = wire.ThrottledUsec.Microseconds(),
                Pressure = wire.Psi.Model(),
            };

    private static CtrCgroupV2Memory? Memory(MemoryStat? wire) =>
        wire is null
            ? null
            : new()
            {
                Usage = wire.Usage.Count(),
                UsageLimit = wire.UsageLimit.Limit(),
                IsUsageUnlimited = wire.UsageLimit.IsNoLimit(),
                MaxUsage = wire.MaxUsage.Recorded(),
                SwapUsage = wire.SwapUsage.Count(),
                SwapLimit = wire.SwapLimit.Limit(),
                IsSwapUnlimited = wire.SwapLimit.IsNoLimit(),
                SwapMaxUsage = wire.SwapMaxUsage.Recorded(),
                Anon = wire.Anon.Count(),
                File = wire.File.Count(),
                KernelStack = wire.KernelStack.Count(),
                Slab = wire.Slab.Count(),
                Sock = wire.Sock.Count(),
                Shmem = wire.Shmem.Count(),
                FileMapped = wire.FileMapped.Count(),
                FileDirty = wire.FileDirty.Count(),
                FileWriteback = wire.FileWriteback.Count(),
                AnonThp = wire.AnonThp.Count(),
                InactiveAnon = wire.InactiveAnon.Count(),
                ActiveAnon = wire.ActiveAnon.Count(),
                InactiveFile = wire.InactiveFile.Count(),
                ActiveFile = wire.ActiveFile.Count(),
                Unevictable = wire.Unevictable.Count(),
                SlabReclaimable = wire.SlabReclaimable.Count(),
                SlabUnreclaimable = wire.SlabUnreclaimable.Count(),
                PgFault = wire.Pgfault.Count(),
                PgMajFault = wire.Pgmajfault.Count(),
                WorkingSetRefault = wire.WorkingsetRefault.Count(),
                WorkingSetActivate = wire.WorkingsetActivate.Count(),
                WorkingSetNodeReclaim = wire.WorkingsetNodereclaim.Count(),
                PgRefill = wire.Pgrefill.Count(),
                PgScan = wire.Pgscan.Count(),
                PgSteal = wire.Pgsteal.Count(),
                PgActivate = wire.Pgactivate.Count(),
                PgDeactivate = wire.Pgdeactivate.Count(),
                PgLazyFree = wire.Pglazyfree.Count(),
                PgLazyFreed = wire.Pglazyfreed.Count(),
                ThpFaultAlloc = wire.ThpFaultAlloc.Count(),
                ThpCollapseAlloc = wire.ThpCollapseAlloc.Count(),
                Pressure = wire.Psi.Model(),
            };

    private static CtrCgroupV2IODevice Device(IOEntry wire) =>
        new()
        {
            Major = wire.Major.Count(),
            Minor = wire.Minor.Count(),
            ReadBytes = wire.Rbytes.Count(),
            WriteBytes = wire.Wbytes.Count(),
            Reads = wire.Rios.Count(),
            Writes = wire.Wios.Count(),
        };

    private static CtrRdmaDevice Rdma(RdmaEntry wire) =>
        new()
        {
            Device = wire.Device,
            HcaHandles = wire.HcaHandles,
            HcaObjects = wire.HcaObjects,
        };

    private static CtrPressure? Model(this PSIStats? wire) =>
        wire is null ? null : new() { Some = Share(wire.Some), Full = Share(wire.Full) };

    private static CtrPressureShare? Share(PSIData? wire) =>
        wire is null
            ? null
            : new()
            {
                Avg10 = wire.Avg10,
                Avg60 = wire.Avg60,
                Avg300 = wire.Avg300,
                Total = wire.Total.Microseconds(),
            };
}

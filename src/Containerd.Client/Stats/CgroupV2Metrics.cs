using Containerd.Client.Wire.CgroupsV2;

namespace Containerd.Client;

/// <summary>Makes the model's objects of cgroup v2's metrics.</summary>
internal static class CgroupV2Metrics
{
    internal static CtrCgroupV2Stats Model(this Metrics wire) => new()
    {
        Pids = wire.Pids is { } pids ? new() { Current = pids.Current.Count(), Limit = pids.Limit is 0 or ulong.MaxValue ? null : pids.Limit.Count() } : null,
        Cpu = Cpu(wire.Cpu),
        Memory = Memory(wire.Memory),
        MemoryEvents = wire.MemoryEvents is { } e ? new() { Low = e.Low.Count(), High = e.High.Count(), Max = e.Max.Count(), Oom = e.Oom.Count(), OomKill = e.OomKill.Count() } : null,
        IO = wire.Io is { } io ? new() { Devices = [.. io.Usage.Select(Device)], Pressure = io.Psi.Model() } : null,
        Hugetlb = [.. wire.Hugetlb.Select(h => new CtrHugetlbStats { PageSize = h.Pagesize, Usage = h.Current.Size(), Limit = h.Max.Size() })],
        Rdma = wire.Rdma is { } rdma ? new() { Current = [.. rdma.Current.Select(Rdma)], Limit = [.. rdma.Limit.Select(Rdma)] } : null,
    };

    /// <summary>The figures that people read. A task that runs has a process, memory and time: where these are 0, the controller is missing.</summary>
    internal static void Derive(CtrStats stats, CtrCgroupV2Stats raw)
    {
        if (raw.Cpu is { } cpu && cpu.Usage > TimeSpan.Zero)
            stats.CpuTime = cpu.Usage;
        if (raw.Pids is { Current: > 0 } pids)
        {
            stats.Pids = pids.Current;
            stats.PidsLimit = pids.Limit;
        }

        if (raw.Memory is { } memory && memory.Usage.Bytes > 0)
        {
            stats.MemoryUsage = memory.Usage;
            stats.MemoryUsed = stats.WorkingSet = memory.Usage.Without(memory.InactiveFile);
            stats.MemoryLimit = memory.UsageLimit;
        }

        if (raw.IO is { } io)
        {
            stats.BlockRead = new CtrSize(io.Devices.Sum(d => d.ReadBytes.Bytes));
            stats.BlockWrite = new CtrSize(io.Devices.Sum(d => d.WriteBytes.Bytes));
        }
    }

    private static CtrCgroupV2Cpu? Cpu(CPUStat? wire) => wire is null ? null : new()
    {
        Usage = wire.UsageUsec.Microseconds(),
        User = wire.UserUsec.Microseconds(),
        System = wire.SystemUsec.Microseconds(),
        Periods = wire.NrPeriods.Count(),
        ThrottledPeriods = wire.NrThrottled.Count(),
        ThrottledTime = wire.ThrottledUsec.Microseconds(),
        Pressure = wire.Psi.Model(),
    };

    private static CtrCgroupV2Memory? Memory(MemoryStat? wire) => wire is null ? null : new()
    {
        Usage = wire.Usage.Size(),
        UsageLimit = wire.UsageLimit.Size(),
        MaxUsage = wire.MaxUsage.Size(),
        SwapUsage = wire.SwapUsage.Size(),
        SwapLimit = wire.SwapLimit.Size(),
        SwapMaxUsage = wire.SwapMaxUsage.Size(),
        Anon = wire.Anon.Size(),
        File = wire.File.Size(),
        KernelStack = wire.KernelStack.Size(),
        Slab = wire.Slab.Size(),
        Sock = wire.Sock.Size(),
        Shmem = wire.Shmem.Size(),
        FileMapped = wire.FileMapped.Size(),
        FileDirty = wire.FileDirty.Size(),
        FileWriteback = wire.FileWriteback.Size(),
        AnonThp = wire.AnonThp.Size(),
        InactiveAnon = wire.InactiveAnon.Size(),
        ActiveAnon = wire.ActiveAnon.Size(),
        InactiveFile = wire.InactiveFile.Size(),
        ActiveFile = wire.ActiveFile.Size(),
        Unevictable = wire.Unevictable.Size(),
        SlabReclaimable = wire.SlabReclaimable.Size(),
        SlabUnreclaimable = wire.SlabUnreclaimable.Size(),
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

    private static CtrCgroupV2IODevice Device(IOEntry wire) => new()
    {
        Major = wire.Major.Count(),
        Minor = wire.Minor.Count(),
        ReadBytes = wire.Rbytes.Size(),
        WriteBytes = wire.Wbytes.Size(),
        Reads = wire.Rios.Count(),
        Writes = wire.Wios.Count(),
    };

    private static CtrRdmaDevice Rdma(RdmaEntry wire) => new() { Device = wire.Device, HcaHandles = wire.HcaHandles, HcaObjects = wire.HcaObjects };

    private static CtrPressure? Model(this PSIStats? wire) => wire is null ? null : new() { Some = Share(wire.Some), Full = Share(wire.Full) };

    private static CtrPressureShare? Share(PSIData? wire) =>
        wire is null ? null : new() { Avg10 = wire.Avg10, Avg60 = wire.Avg60, Avg300 = wire.Avg300, Total = wire.Total.Microseconds() };
}

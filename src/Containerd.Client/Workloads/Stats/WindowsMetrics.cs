using Containerd.Client.Transport;
using Containerd.Client.Wire.RunhcsStats;

namespace Containerd.Client.Workloads.Stats;

/// <summary>Converts the metrics of Windows to objects of the model.</summary>
internal static class WindowsMetrics
{
    internal static CtrWindowsStats Model(this Statistics wire) =>
        new()
        {
            Timestamp = wire.Windows?.Timestamp.Local(),
            StartedAt = wire.Windows?.ContainerStartTime.Local(),
            Uptime = (wire.Windows?.UptimeNs ?? 0).Nanoseconds(),
            Cpu = wire.Windows?.Processor is { } cpu
                ? new()
                {
                    Total = cpu.TotalRuntimeNs.Nanoseconds(),
                    User = cpu.RuntimeUserNs.Nanoseconds(),
                    Kernel = cpu.RuntimeKernelNs.Nanoseconds(),
                }
                : null,
            Memory = wire.Windows?.Memory is { } memory
                ? new()
                {
                    Commit = memory.MemoryUsageCommitBytes.Count(),
                    CommitPeak = memory.MemoryUsageCommitPeakBytes.Count(),
                    PrivateWorkingSet = memory.MemoryUsagePrivateWorkingSetBytes.Count(),
                }
                : null,
            Storage = wire.Windows?.Storage is { } storage
                ? new()
                {
                    Reads = storage.ReadCountNormalized.Count(),
                    ReadBytes = storage.ReadSizeBytes.Count(),
                    Writes = storage.WriteCountNormalized.Count(),
                    WriteBytes = storage.WriteSizeBytes.Count(),
                }
                : null,
            VirtualMachine = wire.Vm is { } vm ? VirtualMachine(vm) : null,
        };

    /// <summary>The readable figures.</summary>
    internal static void Derive(CtrStats stats, CtrWindowsStats raw)
    {
        stats.CpuTime = raw.Cpu?.Total;
        stats.MemoryUsage = raw.Memory?.Commit;
        stats.MemoryUsed = stats.WorkingSet = raw.Memory?.PrivateWorkingSet;
        stats.BlockRead = raw.Storage?.ReadBytes;
        stats.BlockWrite = raw.Storage?.WriteBytes;
    }

    private static CtrWindowsVirtualMachine VirtualMachine(VirtualMachineStatistics wire)
    {
        var memory = wire.Memory?.VmMemory;
        return new()
        {
            CpuTotal = (wire.Processor?.TotalRuntimeNs ?? 0).Nanoseconds(),
            WorkingSet = (wire.Memory?.WorkingSetBytes ?? 0).Count(),
            VirtualNodeCount = wire.Memory?.VirtualNodeCount ?? 0,
            AvailableMemory = memory?.AvailableMemory ?? 0,
            AvailableMemoryBuffer = memory?.AvailableMemoryBuffer ?? 0,
            ReservedMemory = (memory?.ReservedMemory ?? 0).Count(),
            AssignedMemory = (memory?.AssignedMemory ?? 0).Count(),
            SlpActive = memory?.SlpActive ?? false,
            BalancingEnabled = memory?.BalancingEnabled ?? false,
            DmOperationInProgress = memory?.DmOperationInProgress ?? false,
        };
    }
}

using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>The parameters that say limits: of a container to be made, and of a task that runs.</summary>
internal interface ILimitParameters
{
    public CtrSize? Memory { get; }

    public CtrSize? MemorySwap { get; }

    public CtrSize? MemoryReservation { get; }

    public decimal? Cpu { get; }

    public long? CpuShares { get; }

    public long? CpuQuota { get; }

    public long? CpuPeriod { get; }

    public string[]? CpusetCpus { get; }

    public string[]? CpusetMems { get; }

    public long? PidsLimit { get; }

    public int? BlkioWeight { get; }

    /// <summary>What they say, as the client takes it.</summary>
    public ResourceOptions Limits() =>
        new()
        {
            Memory = Memory,
            MemorySwap = MemorySwap,
            MemoryReservation = MemoryReservation,
            Cpu = Cpu,
            CpuShares = CpuShares,
            CpuQuota = CpuQuota,
            CpuPeriod = CpuPeriod,
            // Unquoted, PowerShell reads an array in 0-3,8.
            CpusetCpus = CpusetCpus is null ? null : string.Join(',', CpusetCpus),
            CpusetMems = CpusetMems is null ? null : string.Join(',', CpusetMems),
            PidsLimit = PidsLimit,
            BlkioWeight = BlkioWeight,
        };
}

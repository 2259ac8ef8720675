using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>The parameters for the limits of a new container or of a running task.</summary>
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

    /// <summary>The values of the parameters as the client's options.</summary>
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
            // Without quotes, PowerShell parses 0-3,8 as an array.
            CpusetCpus = CpusetCpus is null ? null : string.Join(',', CpusetCpus),
            CpusetMems = CpusetMems is null ? null : string.Join(',', CpusetMems),
            PidsLimit = PidsLimit,
            BlkioWeight = BlkioWeight,
        };
}

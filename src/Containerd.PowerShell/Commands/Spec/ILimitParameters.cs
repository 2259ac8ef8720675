using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>The parameters for the limits of a new container or of a running task.</summary>
internal interface ILimitParameters
{
    public CtrSize? Memory { get; }

    /// <summary>
    /// Specifies the limit of memory and swap together: 512m, 1g, or a number of bytes; -1 means that swap is not limited.
    /// </summary>
    public CtrSize? MemorySwap { get; }

    /// <summary>
    /// Specifies a soft memory limit (512m, 1g, or a number of bytes). When the host runs short of memory, the kernel reclaims the
    /// container's memory down to this value.
    /// </summary>
    public CtrSize? MemoryReservation { get; }

    /// <summary>
    /// Specifies the limit of processor time, in processors, such as 1.5. The maximum is the number of processors of the daemon's host; -1
    /// means no limit.
    /// </summary>
    public decimal? Cpu { get; }

    /// <summary>Specifies the relative weight of the container when processors are busy. The kernel's default is 1024.</summary>
    public long? CpuShares { get; }

    public long? CpuQuota { get; }

    /// <summary>Specifies the length of a period for -CpuQuota, in microseconds. The kernel's default is 100000.</summary>
    public long? CpuPeriod { get; }

    /// <summary>Specifies the processors that the container may run on, such as 0-3,8, with or without quotes.</summary>
    public string[]? CpusetCpus { get; }

    /// <summary>Specifies the memory nodes that the container may use, such as 0.</summary>
    public string[]? CpusetMems { get; }

    /// <summary>Specifies the maximum number of processes and threads; 0 or -1 means no limit.</summary>
    public long? PidsLimit { get; }

    /// <summary>Specifies the relative weight of the container for block I/O, from 10 to 1000.</summary>
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

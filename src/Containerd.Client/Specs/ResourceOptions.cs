using System.Globalization;
using Containerd.Client.Specs;

namespace Containerd.Client;

/// <summary>Limits in a readable form; null means unchanged.</summary>
public sealed record ResourceOptions
{
    private const long UsualPeriod = 100_000;

    /// <summary>The memory limit; -1 for no limit.</summary>
    public CtrSize? Memory { get; init; }

    /// <summary>The limit of memory and swap together; -1 for unlimited swap.</summary>
    public CtrSize? MemorySwap { get; init; }

    /// <summary>The soft memory limit, to which memory is reclaimed when the host runs short of it.</summary>
    public CtrSize? MemoryReservation { get; init; }

    /// <summary>The limit of processor time, in processors; -1 for no limit.</summary>
    public decimal? Cpu { get; init; }

    /// <summary>The relative weight when processors are busy.</summary>
    public long? CpuShares { get; init; }

    /// <summary>The processor time in each period, in microseconds over all processors; -1 for no limit.</summary>
    public long? CpuQuota { get; init; }

    /// <summary>The length of a period, in microseconds.</summary>
    public long? CpuPeriod { get; init; }

    /// <summary>The processors that it may run on.</summary>
    public string? CpusetCpus { get; init; }

    /// <summary>The memory nodes that it may use.</summary>
    public string? CpusetMems { get; init; }

    /// <summary>The maximum number of processes and threads; 0 or -1 for no limit.</summary>
    public long? PidsLimit { get; init; }

    /// <summary>The relative weight for block I/O.</summary>
    public int? BlkioWeight { get; init; }

    /// <summary>The limits in the form of the spec.</summary>
    /// <returns>Only the limits that are set.</returns>
    /// <exception cref="CtrArgumentException">A number out of its range, or two that contradict each other (InvalidLimit).</exception>
    public CtrSpecResources ToResources()
    {
        if (Memory?.Bytes == 0 || MemorySwap?.Bytes == 0 || MemoryReservation?.Bytes == 0)
            throw InvalidLimit("A limit of 0 bytes leaves no memory for the container.", "Use a size such as 512m, or -1 for no limit.");
        if (Cpu is not null && (CpuQuota is not null || CpuPeriod is not null))
            throw InvalidLimit(
                "A number of processors cannot be combined with a processor quota or period.",
                "Use only one of them.",
                "CpuOrQuota"
            );
        if (Cpu is not null and not -1 and (< 0.01m or > 100_000))
            throw InvalidLimit(
                string.Create(CultureInfo.InvariantCulture, $"{Cpu} is not a valid number of processors."),
                "Use a number of at least 0.01, such as 1.5, or -1 for no limit."
            );
        Require(CpuQuota, "processor quota", 1000, long.MaxValue, orNone: true);
        Require(CpuPeriod, "processor period", 1000, 1_000_000);
        Require(CpuShares, "number of processor shares", 2, 262_144);
        Require(BlkioWeight, "block I/O weight", 10, 1000);
        if (PidsLimit < -1)
            throw InvalidLimit("The limit of processes is negative.", "Use a number greater than 0, or -1 for no limit.");

        var quota = Cpu is { } cores
            ? cores == -1
                ? -1
                : (long)decimal.Round(cores * UsualPeriod)
            : CpuQuota;
        var period = Cpu is null ? CpuPeriod : UsualPeriod;
        return new CtrSpecResources
        {
            Memory =
                Memory is null && MemorySwap is null && MemoryReservation is null
                    ? null
                    : new CtrSpecMemory
                    {
                        Limit = Memory?.Bytes,
                        Swap = MemorySwap?.Bytes,
                        Reservation = MemoryReservation?.Bytes,
                    },
            Cpu =
                quota is null && period is null && CpuShares is null && CpusetCpus is null && CpusetMems is null
                    ? null
                    : new CtrSpecCpu
                    {
                        Quota = quota,
                        Period = (ulong?)period,
                        Shares = (ulong?)CpuShares,
                        Cpus = CpusetCpus,
                        Mems = CpusetMems,
                    },
            // A runtime would interpret 0 as "unchanged".
            Pids = PidsLimit is null ? null : new CtrSpecPids { Limit = PidsLimit is 0 ? -1 : PidsLimit },
            BlockIO = BlkioWeight is null ? null : new CtrSpecBlockIO { Weight = (ushort)BlkioWeight },
        };
    }

    /// <summary>Merges limits.</summary>
    /// <param name="resources">The base limits.</param>
    /// <param name="over">The limits that take precedence.</param>
    /// <returns>The merged limits.</returns>
    public static CtrSpecResources Merge(CtrSpecResources resources, CtrSpecResources over) => ResourceMerge.Merge(resources, over);

    /// <summary>Rejects conflicting memory limits, in bytes; null and -1 mean no limit.</summary>
    internal static void RequireConsistent(long? limit, long? swap, long? reservation)
    {
        if (limit is null or <= 0)
            return;
        if (swap > 0 && swap < limit)
            throw InvalidLimit(
                $"The limit on memory and swap together, {new CtrSize(swap.Value)}, is lower than the limit on memory, "
                    + $"{new CtrSize(limit.Value)}.",
                "Set the limit on memory and swap to at least the memory limit."
            );
        if (reservation > limit)
            throw InvalidLimit(
                $"The memory reservation, {new CtrSize(reservation.Value)}, exceeds the limit, {new CtrSize(limit.Value)}.",
                "Set the reservation to at most the limit."
            );
    }

    private static void Require(long? number, string what, long from, long to, bool orNone = false)
    {
        if (number is null || (number >= from && number <= to) || (orNone && number == -1))
            return;
        var range =
            to == long.MaxValue
                ? string.Create(CultureInfo.InvariantCulture, $"{from} on")
                : string.Create(CultureInfo.InvariantCulture, $"{from} to {to}");
        throw InvalidLimit(
            string.Create(CultureInfo.InvariantCulture, $"{number} is not a valid {what}."),
            $"Use a number from {range}{(orNone ? ", or -1 for no limit" : "")}."
        );
    }

    internal static CtrArgumentException InvalidLimit(string message, string remedy, string? remedyId = null) =>
        new(message)
        {
            ErrorId = ErrorIds.InvalidLimit,
            RemedyId = remedyId,
            Remedy = remedy,
        };
}

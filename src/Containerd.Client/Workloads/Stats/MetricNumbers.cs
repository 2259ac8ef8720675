namespace Containerd.Client.Workloads.Stats;

/// <summary>Converts unsigned numbers on the wire to those of the model.</summary>
internal static class MetricNumbers
{
    /// <summary>
    /// Values from here on mean no limit: cgroup v1 writes the last whole page below 2^63, and the shim of v2 the largest number.
    /// </summary>
    private const ulong NoLimit = long.MaxValue - 0xF_FFFF;

    internal static bool IsNoLimit(this ulong bytes) => bytes >= NoLimit;

    /// <summary>A limit in bytes; null for no limit.</summary>
    internal static long? Limit(this ulong bytes) => bytes.IsNoLimit() ? null : (long)bytes;

    /// <summary>A recorded maximum, which is 0 on kernels that do not record it.</summary>
    internal static long? Recorded(this ulong bytes) => bytes == 0 ? null : bytes.Count();

    internal static long Count(this ulong number) => number > long.MaxValue ? long.MaxValue : (long)number;

    internal static TimeSpan Nanoseconds(this ulong number) => new((number / TimeSpan.NanosecondsPerTick).Count());

    internal static TimeSpan Microseconds(this ulong number) =>
        new(number > long.MaxValue / TimeSpan.TicksPerMicrosecond ? long.MaxValue : (long)number * TimeSpan.TicksPerMicrosecond);

    /// <summary>The memory that a task can use: its limit, or the host's memory if that is less or there is no limit.</summary>
    internal static long? MemoryAvailable(this CtrStats stats) =>
        stats.MemoryLimit is { } limit && !(limit > stats.HostMemory) ? limit : stats.HostMemory;

    /// <summary>The rest without a part, which may have been read slightly later and be larger.</summary>
    internal static long? Without(this long? whole, long? part) => part > 0 && part <= whole ? whole - part : whole;
}

namespace Containerd.Client.Workloads.Stats;

/// <summary>The wire's unsigned numbers as the model has them.</summary>
internal static class MetricNumbers
{
    /// <summary>
    /// From here on a limit is none: cgroup v1 writes the last whole page below 2^63, v2's shim the greatest number there is.
    /// </summary>
    private const ulong NoLimit = long.MaxValue - 0xF_FFFF;

    internal static bool IsNoLimit(this ulong bytes) => bytes >= NoLimit;

    /// <summary>A limit in bytes; null for no limit.</summary>
    internal static long? Limit(this ulong bytes) => bytes.IsNoLimit() ? null : (long)bytes;

    /// <summary>A maximum that was recorded, which is 0 on kernels that do not record it.</summary>
    internal static long? Recorded(this ulong bytes) => bytes == 0 ? null : bytes.Count();

    internal static long Count(this ulong number) => number > long.MaxValue ? long.MaxValue : (long)number;

    internal static TimeSpan Nanoseconds(this ulong number) => new((number / TimeSpan.NanosecondsPerTick).Count());

    internal static TimeSpan Microseconds(this ulong number) =>
        new(number > long.MaxValue / TimeSpan.TicksPerMicrosecond ? long.MaxValue : (long)number * TimeSpan.TicksPerMicrosecond);

    /// <summary>The memory that a task can use: its limit, or the host's memory if that is less or there is no limit.</summary>
    internal static long? MemoryAvailable(this CtrStats stats) =>
        stats.MemoryLimit is { } limit && !(limit > stats.HostMemory) ? limit : stats.HostMemory;

    /// <summary>What is left without a part, which may have been read a moment later and be the larger one.</summary>
    internal static long? Without(this long? whole, long? part) => part > 0 && part <= whole ? whole - part : whole;
}

namespace Containerd.Client;

/// <summary>The wire's unsigned numbers as the model has them.</summary>
internal static class MetricNumbers
{
    /// <summary>From here on a limit is none: cgroup v1 writes the last whole page below 2^63, v2's shim the greatest number there is.</summary>
    private const ulong NoLimit = long.MaxValue - 0xF_FFFF;

    internal static CtrSize Size(this ulong bytes) => new(bytes >= NoLimit ? -1L : (long)bytes);

    internal static long Count(this ulong number) => number > long.MaxValue ? long.MaxValue : (long)number;

    internal static TimeSpan Nanoseconds(this ulong number) => new((number / TimeSpan.NanosecondsPerTick).Count());

    internal static TimeSpan Microseconds(this ulong number) => new(number > long.MaxValue / TimeSpan.TicksPerMicrosecond ? long.MaxValue : (long)number * TimeSpan.TicksPerMicrosecond);

    /// <summary>What is left without a part, which may have been read a moment later and be the larger one.</summary>
    internal static CtrSize Without(this CtrSize whole, CtrSize part) => part.Bytes > 0 && part.Bytes <= whole.Bytes ? new CtrSize(whole.Bytes - part.Bytes) : whole;
}

namespace Containerd.Host.Networks.Plugins;

/// <summary>The time that several steps may take together.</summary>
/// <param name="limit">The time.</param>
internal sealed class TimeBudget(TimeSpan limit)
{
    private readonly long _end = Environment.TickCount64 + (long)limit.TotalMilliseconds;

    /// <summary>The time that remains; zero at the end.</summary>
    internal TimeSpan Remaining => TimeSpan.FromMilliseconds(Math.Max(0, _end - Environment.TickCount64));

    /// <summary>The time for one step.</summary>
    internal TimeSpan For(TimeSpan step) => Remaining < step ? Remaining : step;
}

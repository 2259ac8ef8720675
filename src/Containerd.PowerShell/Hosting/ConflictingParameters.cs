namespace Containerd.PowerShell;

/// <summary>The error for parameters that mean nothing together.</summary>
internal static class ConflictingParameters
{
    /// <param name="why">What they contradict each other in, as a sentence.</param>
    /// <param name="remedy">What to leave out.</param>
    /// <param name="subject">What was named, where something was.</param>
    internal static CtrArgumentException Error(string why, string remedy, string? subject = null) =>
        new(why)
        {
            ErrorId = nameof(ConflictingParameters),
            Subject = subject,
            Remedy = remedy,
        };
}

namespace Containerd.PowerShell;

/// <summary>The error for parameters that cannot be combined.</summary>
internal static class ConflictingParameters
{
    /// <param name="why">The reason, as a sentence.</param>
    /// <param name="remedy">The remedy: what to omit.</param>
    /// <param name="subject">The subject of the error; null for none.</param>
    internal static CtrArgumentException Error(string why, string remedy, string? subject = null) =>
        new(why)
        {
            ErrorId = nameof(ConflictingParameters),
            Subject = subject,
            Remedy = remedy,
        };
}

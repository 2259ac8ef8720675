using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>The minimum age of what a cmdlet removes.</summary>
internal static class AgeParameter
{
    /// <summary>
    /// The age; null if the user did not specify one. -1 means no limit elsewhere, but nothing is older than that: a user who specifies it
    /// does not mean everything.
    /// </summary>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="age">Its parameter -OlderThan.</param>
    /// <param name="items">What it removes, as in images of any age.</param>
    /// <exception cref="CtrArgumentException">InvalidDuration: it is unlimited.</exception>
    internal static TimeSpan? AgeIfGiven(this PSCmdlet cmdlet, CtrDuration age, string items) =>
        cmdlet.IfGiven(age, "OlderThan") is not { } given ? null
        : !given.IsUnlimited ? given.TimeSpan
        : throw new CtrArgumentException("-OlderThan cannot be unlimited.")
        {
            ErrorId = ErrorIds.InvalidDuration,
            Subject = "-1",
            Remedy = $"Use a time such as 7d, or omit -OlderThan for {items} of any age.",
        };
}

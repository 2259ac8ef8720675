using System.Text.RegularExpressions;

namespace Containerd.Client.Workloads.Tasks;

/// <summary>The text of a runtime's failure, which containerd passes on with prefixes.</summary>
internal static partial class RuntimeMessage
{
    /// <summary>The runtime's own message for a failure, without the prefixes of the runtime, the shim and the daemon.</summary>
    internal static string Reason(string message)
    {
        var reason = Around().Split(message)[^1].Replace('\n', ' ').Trim();
        return reason.EndsWith(": unknown", StringComparison.Ordinal) ? reason[..^": unknown".Length] : reason;
    }

    [GeneratedRegex(
        @"exit status \d+: |OCI runtime \w+ failed: |(?:runc \w+|exec) failed: |unable to start container process: |error during container init: |error setting cgroup config for procHooks process: "
    )]
    private static partial Regex Around();
}

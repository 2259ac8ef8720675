using Containerd.Host;

namespace Containerd.Client;

/// <summary>Options for attaching to a background process.</summary>
public sealed record AttachOptions
{
    /// <summary>The id of an exec; null for the container's own process.</summary>
    public string? ExecId { get; init; }

    /// <summary>
    /// The number of earlier lines of each stream to show first; null for none. A terminal then shows its unfinished line, such as the
    /// prompt of a shell.
    /// </summary>
    public int? Tail { get; init; }

    /// <summary>The keys that detach from a terminal and leave the process running; null for none.</summary>
    public DetachKeys? DetachKeys { get; init; } = DetachKeys.Default;
}

using Containerd.Host;

namespace Containerd.Client;

/// <summary>How to attach to a process that runs by itself.</summary>
public sealed record AttachOptions
{
    /// <summary>An exec's process; null for the container's own.</summary>
    public string? ExecId { get; init; }

    /// <summary>
    /// How many earlier lines are shown first, of each stream; null for none. A terminal is shown its unfinished line then, which is a
    /// shell's prompt.
    /// </summary>
    public int? Tail { get; init; }

    /// <summary>The keys that end the attachment on a terminal and leave the process running; null for none.</summary>
    public DetachKeys? DetachKeys { get; init; } = DetachKeys.Default;
}

namespace Containerd.Client;

/// <summary>Options for saving a task.</summary>
public sealed record CheckpointCreateOptions
{
    /// <summary>A directory that does not exist or is empty, or a file that does not exist.</summary>
    public required string Path { get; init; }

    /// <summary>Whether <see cref="Path"/> is an archive; null to determine it from the name (.tar, .tar.gz, .tgz, .tar.zst).</summary>
    public bool? Archive { get; init; }

    /// <summary>Whether the task is stopped once it is saved.</summary>
    public bool Exit { get; init; }

    /// <summary>Whether connected TCP sockets are saved.</summary>
    public bool OpenTcp { get; init; }

    /// <summary>Whether Unix domain sockets may be connected to sockets outside of the container.</summary>
    public bool ExternalUnixSockets { get; init; }

    /// <summary>Whether the process may have a terminal outside of the container.</summary>
    public bool Terminal { get; init; }

    /// <summary>Whether file locks are saved.</summary>
    public bool FileLocks { get; init; }

    /// <summary>Whether the container's changes to its root file system are omitted.</summary>
    public bool IgnoreRootfs { get; init; }

    /// <summary>A directory for CRIU's log and temporary files, which are kept there; null for a temporary one.</summary>
    public string? WorkPath { get; init; }
}

namespace Containerd.Client;

/// <summary>How a task is saved.</summary>
public sealed record CheckpointCreateOptions
{
    /// <summary>A directory that does not exist or is empty, or a file that does not exist.</summary>
    public required string Path { get; init; }

    /// <summary>Whether <see cref="Path"/> is to be an archive; null to see it by its name (.tar, .tar.gz, .tgz, .tar.zst).</summary>
    public bool? Archive { get; init; }

    /// <summary>Whether the task ends once it is saved.</summary>
    public bool Exit { get; init; }

    /// <summary>Whether connected TCP sockets are saved.</summary>
    public bool OpenTcp { get; init; }

    /// <summary>Whether unix sockets may lead out of the container.</summary>
    public bool ExternalUnixSockets { get; init; }

    /// <summary>Whether the process may have a terminal that lies outside of the container.</summary>
    public bool Terminal { get; init; }

    /// <summary>Whether locks on files are saved.</summary>
    public bool FileLocks { get; init; }

    /// <summary>Whether the container's changes to its root file system are left out.</summary>
    public bool IgnoreRootfs { get; init; }

    /// <summary>A directory for CRIU's log and scratch files, which stay there; null for none that stays.</summary>
    public string? WorkPath { get; init; }
}

namespace Containerd.Client;

/// <summary>Options for an image that is created from a container: changes to the config of the base image.</summary>
public sealed record ImageCommitOptions
{
    /// <summary>The new image's name, in full or short.</summary>
    public required string Name { get; init; }

    /// <summary>The command; null for that of the base image, or for none if an entrypoint is specified.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>The entrypoint; empty for none; null for that of the base image.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>Environment variables in addition to those of the base image, as NAME=value; NAME alone removes a variable.</summary>
    public IReadOnlyList<string> Env { get; init; } = [];

    /// <summary>Labels in addition to those of the base image; a null value removes a label.</summary>
    public IReadOnlyDictionary<string, string?> Labels { get; init; } = new Dictionary<string, string?>();

    /// <summary>Ports in addition to those of the base image, such as <c>80/tcp</c>.</summary>
    public IReadOnlyList<string> ExposedPorts { get; init; } = [];

    /// <summary>The user; null for that of the base image.</summary>
    public string? User { get; init; }

    /// <summary>The working directory; null for that of the base image.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The signal that requests its containers to stop, such as <c>SIGQUIT</c>; null for that of the base image.</summary>
    public string? StopSignal { get; init; }

    /// <summary>The author; null for none.</summary>
    public string? Author { get; init; }

    /// <summary>A comment for the history; null for none.</summary>
    public string? Message { get; init; }

    /// <summary>Whether a running task is paused while its files are copied.</summary>
    public bool Pause { get; init; } = true;

    /// <summary>Whether an existing name is overwritten.</summary>
    public bool Force { get; init; }
}

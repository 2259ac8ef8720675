namespace Containerd.Client;

/// <summary>
/// What becomes an image: a container's files, and what the image is to say of its own containers where that is not what the base image
/// says.
/// </summary>
public sealed record ImageCommitOptions
{
    /// <summary>The new image's name, in full or short.</summary>
    public required string Name { get; init; }

    /// <summary>The command's further words; null for the base image's, or for none beside an entrypoint.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>The command's first words; an empty one for none; null for the base image's.</summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>Environment variables beside the base image's, as NAME=value; NAME alone takes one away.</summary>
    public IReadOnlyList<string> Env { get; init; } = [];

    /// <summary>Labels beside the base image's; a null value takes one away.</summary>
    public IReadOnlyDictionary<string, string?> Labels { get; init; } = new Dictionary<string, string?>();

    /// <summary>Ports beside the base image's, such as <c>80/tcp</c>.</summary>
    public IReadOnlyList<string> ExposedPorts { get; init; } = [];

    /// <summary>The user; null for the base image's.</summary>
    public string? User { get; init; }

    /// <summary>The working directory; null for the base image's.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The signal that asks its containers to stop, such as <c>SIGQUIT</c>; null for the base image's.</summary>
    public string? StopSignal { get; init; }

    /// <summary>Who makes it; null for nobody.</summary>
    public string? Author { get; init; }

    /// <summary>A remark for the history; null for none.</summary>
    public string? Message { get; init; }

    /// <summary>Whether a running task stands still while its files are copied.</summary>
    public bool Pause { get; init; } = true;

    /// <summary>Whether a name that is taken leads to the new image from then on.</summary>
    public bool Force { get; init; }
}

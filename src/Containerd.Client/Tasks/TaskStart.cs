namespace Containerd.Client;

/// <summary>How to start a container's task.</summary>
public sealed class TaskStart
{
    /// <summary>Whether its output is thrown away instead of being kept in files.</summary>
    public bool NoLog { get; init; }

    /// <summary>A file of the caller's own for the output, both streams; null for files of the module's own, one per stream.</summary>
    public string? LogPath { get; init; }

    /// <summary>Whether it gets a standard input, a named pipe that attachers write to.</summary>
    public bool WithStdin { get; init; }
}

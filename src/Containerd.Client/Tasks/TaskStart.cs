namespace Containerd.Client;

/// <summary>How to start a container's task.</summary>
public sealed record TaskStart
{
    /// <summary>Whether its output is thrown away instead of being kept in files.</summary>
    public bool NoLog { get; init; }

    /// <summary>A file of the caller's own for the output, both streams; null for files of the module's own, one per stream.</summary>
    public string? LogPath { get; init; }

    /// <summary>Whether it gets a standard input, a named pipe that attachers write to.</summary>
    public bool WithStdin { get; init; }

    /// <summary>A checkpoint of the container, a directory or an archive, that the task starts from; null to start anew.</summary>
    public string? CheckpointPath { get; init; }

    /// <summary>Options that take the place of the container's own runtime options.</summary>
    internal Google.Protobuf.WellKnownTypes.Any? Options { get; init; }
}

namespace Containerd.Client;

/// <summary>Options for an additional process in a running container.</summary>
public sealed record ExecStartOptions
{
    /// <summary>The id of the exec, unique in its container; null for a generated one.</summary>
    public string? ExecId { get; init; }

    /// <summary>The command, the user and other settings.</summary>
    public required ExecOptions Options { get; init; }

    /// <summary>
    /// Whether a background process has standard input, a named pipe that any client can write to; a foreground process has that of the
    /// caller.
    /// </summary>
    public bool WithStdin { get; init; }

    /// <summary>The time limit after which it is killed; null for none.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The same process with this id.</summary>
    internal ExecStartOptions WithId(string execId) => this with { ExecId = execId };

    /// <summary>The same process with a terminal of this size and a standard input.</summary>
    internal ExecStartOptions OnTerminal(CtrSpecBox size) =>
        this with
        {
            WithStdin = true,
            Options = Options with { Tty = true, ConsoleSize = size },
        };
}

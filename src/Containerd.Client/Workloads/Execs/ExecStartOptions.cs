namespace Containerd.Client;

/// <summary>A process to add to a running container.</summary>
public sealed record ExecStartOptions
{
    /// <summary>The exec's id, unique in its container; null for one of our own.</summary>
    public string? ExecId { get; init; }

    /// <summary>What it runs and as whom.</summary>
    public required ExecOptions Options { get; init; }

    /// <summary>
    /// Whether one that is left to itself gets a standard input, a named pipe that anybody may write to; one that is waited for has the
    /// caller's.
    /// </summary>
    public bool WithStdin { get; init; }

    /// <summary>How long it may run before it is killed; null for ever.</summary>
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

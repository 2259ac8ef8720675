namespace Containerd.Host;

/// <summary>The caller's handlers for the standard streams of a foreground process.</summary>
public sealed class ProcessIo
{
    /// <summary>Receives standard output, and with a terminal all output.</summary>
    public OutputSink Stdout { get; init; } = static (_, _) => ValueTask.CompletedTask;

    /// <summary>Takes standard error.</summary>
    public OutputSink Stderr { get; init; } = static (_, _) => ValueTask.CompletedTask;

    /// <summary>The input of the process; null for none. Its end is the end of the process's input.</summary>
    public IAsyncEnumerable<ReadOnlyMemory<byte>>? Stdin { get; init; }

    /// <summary>Whether the process has a terminal; then stdout contains both streams.</summary>
    public bool Terminal { get; init; }

    /// <summary>The same for a process without input.</summary>
    internal ProcessIo WithoutStdin() =>
        new()
        {
            Stdout = Stdout,
            Stderr = Stderr,
            Terminal = Terminal,
        };
}

/// <summary>The outcome of a foreground process.</summary>
/// <param name="Exit">Its exit.</param>
/// <param name="TimedOut">Whether it was killed because it exceeded its time limit.</param>
/// <param name="StreamsHeld">Whether a child of it still has its output open, so that later output is not returned.</param>
public sealed record ProcessOutcome(CtrExit Exit, bool TimedOut, bool StreamsHeld);

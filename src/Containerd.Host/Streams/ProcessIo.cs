namespace Containerd.Host;

/// <summary>What a caller does with the standard streams of a process that it waits for.</summary>
public sealed class ProcessIo
{
    /// <summary>Takes standard output, and with a terminal everything.</summary>
    public OutputSink Stdout { get; init; } = static (_, _) => ValueTask.CompletedTask;

    /// <summary>Takes standard error.</summary>
    public OutputSink Stderr { get; init; } = static (_, _) => ValueTask.CompletedTask;

    /// <summary>The process's input; null for none. Its end is the process's end of input.</summary>
    public IAsyncEnumerable<ReadOnlyMemory<byte>>? Stdin { get; init; }

    /// <summary>Whether the process has a terminal; then stdout carries both streams.</summary>
    public bool Terminal { get; init; }

    /// <summary>The same for a process that reads nothing.</summary>
    internal ProcessIo WithoutStdin() =>
        new()
        {
            Stdout = Stdout,
            Stderr = Stderr,
            Terminal = Terminal,
        };
}

/// <summary>How a process that the caller waited for ended.</summary>
/// <param name="Exit">Its exit.</param>
/// <param name="TimedOut">Whether it was killed because its time was over.</param>
/// <param name="StreamsHeld">Whether a child that it left behind holds its output open, so that later output is not seen.</param>
public sealed record ProcessOutcome(CtrExit Exit, bool TimedOut, bool StreamsHeld);

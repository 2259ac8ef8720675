namespace Containerd.Host;

/// <summary>The raw standard streams of a process, passed on before it starts. Reads and writes wait until it has started.</summary>
public sealed class ProcessStreams
{
    internal ProcessStreams(Stream? stdin, Stream stdout, Stream? stderr, Task started, CancellationToken exited)
    {
        Stdin = stdin;
        Stdout = stdout;
        Stderr = stderr;
        Started = started;
        Exited = exited;
    }

    /// <summary>
    /// The standard input of the process; null if it has none. Closing it ends the input of the process; with a terminal, byte 4 does.
    /// </summary>
    public Stream? Stdin { get; }

    /// <summary>The standard output of the process, to its end; with a terminal all output.</summary>
    public Stream Stdout { get; }

    /// <summary>The standard error of the process; null with a terminal, which has one stream.</summary>
    public Stream? Stderr { get; }

    /// <summary>Completes when the process is running; cancelled if it could not be started.</summary>
    public Task Started { get; }

    /// <summary>Cancelled when the process has exited: it no longer reads input, but its output can still be read.</summary>
    public CancellationToken Exited { get; }
}

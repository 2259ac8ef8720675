namespace Containerd.Host;

/// <summary>The raw standard streams of a process, handed over before it starts. Reads and writes wait until it has been started.</summary>
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
    /// What the process reads; null when it was given no input. Closing it is the process's end of input; with a terminal, that is byte 4.
    /// </summary>
    public Stream? Stdin { get; }

    /// <summary>What the process writes, to its end; with a terminal everything.</summary>
    public Stream Stdout { get; }

    /// <summary>What the process complains about; null with a terminal, which has one stream.</summary>
    public Stream? Stderr { get; }

    /// <summary>Ends when the process runs; cancelled when it could not be started.</summary>
    public Task Started { get; }

    /// <summary>
    /// Cancelled when the process has ended: there is nobody to write to any more, while what it wrote may still be read.
    /// </summary>
    public CancellationToken Exited { get; }
}

namespace Containerd.Client;

/// <summary>The raw standard streams of a process, handed over before it starts. Reads and writes wait until it has been started.</summary>
public sealed class ProcessStreams
{
    internal ProcessStreams(Stream? stdin, Stream stdout, Stream? stderr)
    {
        Stdin = stdin;
        Stdout = stdout;
        Stderr = stderr;
    }

    /// <summary>What the process reads; null when it was given no input.</summary>
    public Stream? Stdin { get; }

    /// <summary>What the process writes.</summary>
    public Stream Stdout { get; }

    /// <summary>What the process complains about; null with a terminal, which has one stream.</summary>
    public Stream? Stderr { get; }
}

namespace Containerd.Client;

/// <summary>The standard stream that a line was written to.</summary>
public enum LogStream
{
    /// <summary>Standard output, and with a terminal everything.</summary>
    Stdout,

    /// <summary>Standard error.</summary>
    Stderr,
}

/// <summary>A line that a process wrote.</summary>
/// <param name="Start">Which start of the container wrote it, counted from 1.</param>
/// <param name="Stream">The stream.</param>
/// <param name="Text">The line, without its end.</param>
public sealed record LogLine(int Start, LogStream Stream, string Text);

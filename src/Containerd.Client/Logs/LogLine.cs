namespace Containerd.Client;

/// <summary>A line that a process wrote.</summary>
/// <param name="Start">Which start of the container wrote it, counted from 1.</param>
/// <param name="Source">The standard stream that it came from.</param>
/// <param name="Text">The line, without its end.</param>
public sealed record LogLine(int Start, CtrOutput Source, string Text);

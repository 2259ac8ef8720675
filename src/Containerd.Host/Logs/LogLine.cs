namespace Containerd.Host;

/// <summary>A line that a process wrote.</summary>
/// <param name="Start">The number of the container's start that wrote it, counted from 1.</param>
/// <param name="Source">The standard stream.</param>
/// <param name="Text">The line, without its line ending.</param>
/// <param name="Time">Its time, in local time; null if the log has no timestamps.</param>
public sealed record LogLine(int Start, CtrOutput Source, string Text, DateTime? Time);

/// <summary>Receives lines as they are read. Called in order, one batch at a time; while it runs, no more lines are read.</summary>
/// <param name="lines">The lines.</param>
/// <param name="cancellationToken">Canceled when the caller cancels the call.</param>
/// <returns>A task that completes when the next batch can be delivered.</returns>
public delegate ValueTask LogSink(IReadOnlyList<LogLine> lines, CancellationToken cancellationToken);

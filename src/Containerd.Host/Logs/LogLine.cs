namespace Containerd.Host;

/// <summary>A line that a process wrote.</summary>
/// <param name="Start">Which start of the container wrote it, counted from 1.</param>
/// <param name="Source">The standard stream that it came from.</param>
/// <param name="Text">The line, without its end.</param>
/// <param name="Time">When it came, in local time; null where only the output itself was kept.</param>
public sealed record LogLine(int Start, CtrOutput Source, string Text, DateTime? Time);

/// <summary>Takes lines as they are read. Called in order, one batch at a time; while it runs, nothing more is read.</summary>
/// <param name="lines">The lines.</param>
/// <param name="cancellationToken">The caller gave up.</param>
/// <returns>A task that ends when the next batch may come.</returns>
public delegate ValueTask LogSink(IReadOnlyList<LogLine> lines, CancellationToken cancellationToken);

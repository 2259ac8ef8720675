namespace Containerd.Host;

/// <summary>
/// Receives the output of a process on one stream. Called in order, one chunk at a time; while it runs, the pipe of the process fills and
/// it blocks.
/// </summary>
/// <param name="chunk">The bytes; valid until the call returns.</param>
/// <param name="cancellationToken">Canceled when the caller cancels the call.</param>
/// <returns>A task that completes when the next chunk can be delivered.</returns>
public delegate ValueTask OutputSink(ReadOnlyMemory<byte> chunk, CancellationToken cancellationToken);

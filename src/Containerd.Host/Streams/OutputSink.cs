namespace Containerd.Host;

/// <summary>
/// Takes what a process wrote on one stream. Called in order, one chunk at a time; while it runs, the process's pipe fills and it waits.
/// </summary>
/// <param name="chunk">The bytes; valid until the call ends.</param>
/// <param name="cancellationToken">The caller gave up.</param>
/// <returns>A task that ends when the next chunk may come.</returns>
public delegate ValueTask OutputSink(ReadOnlyMemory<byte> chunk, CancellationToken cancellationToken);

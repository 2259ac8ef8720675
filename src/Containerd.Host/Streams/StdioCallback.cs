namespace Containerd.Host;

/// <summary>
/// Takes over the raw streams of a process (libcontainerd's StdioCallback). It is called when the process has been made and not yet
/// started: nothing
/// that the process writes can be missed. Reads and writes wait until it runs.
/// </summary>
/// <param name="streams">The streams.</param>
/// <param name="cancellationToken">The caller of the run gave up, or another process holds the streams open after the exit.</param>
/// <returns>
/// A task that ends when the callback is done with the streams; what the process writes after that is thrown away. If it fails, the process
/// is killed and the run
/// fails with it.
/// </returns>
public delegate Task StdioCallback(ProcessStreams streams, CancellationToken cancellationToken);

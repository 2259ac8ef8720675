namespace Containerd.Host;

/// <summary>
/// Handles the raw streams of a process (libcontainerd's StdioCallback). It is called when the process has been created and not yet
/// started, so that no output can be missed. Reads and writes wait until it is running.
/// </summary>
/// <param name="streams">The streams.</param>
/// <param name="cancellationToken">
/// Canceled when the caller cancels the run, or when another process holds the streams open after the exit.
/// </param>
/// <returns>
/// A task that completes when the callback is done with the streams; later output of the process is discarded. If it fails, the process is
/// killed and the run fails with it.
/// </returns>
public delegate Task StdioCallback(ProcessStreams streams, CancellationToken cancellationToken);

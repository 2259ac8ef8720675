namespace Containerd.Client;

/// <summary>Carries a caller's input to a process, and says when it is at its end.</summary>
internal static class InputPump
{
    /// <summary>Copies until the input ends or the process stops reading, then closes the pipe and tells the daemon.</summary>
    /// <param name="input">What to write, chunk by chunk.</param>
    /// <param name="stdin">The process's end.</param>
    /// <param name="closeIO">Tells the shim, which holds a writing end of its own, that there is no more.</param>
    /// <param name="cancellation">Gives up.</param>
    internal static async Task RunAsync(IAsyncEnumerable<ReadOnlyMemory<byte>> input, Stream stdin, Func<CancellationToken, Task> closeIO, CancellationToken cancellation)
    {
        try
        {
            await foreach (var chunk in input.WithCancellation(cancellation).ConfigureAwait(false))
                await stdin.WriteAsync(chunk, cancellation).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The process closed its input: what it does not want to read is not an error, as in any shell's pipe.
        }

        await stdin.DisposeAsync().ConfigureAwait(false);
        try
        {
            await closeIO(cancellation).ConfigureAwait(false);
        }
        catch (CtrException)
        {
            // It has ended meanwhile, and its input with it.
        }
    }
}

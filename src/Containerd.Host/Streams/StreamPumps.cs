namespace Containerd.Host.Streams;

/// <summary>Transfers the streams of a process to the caller's sinks, and the caller's input to the process.</summary>
internal static class StreamPumps
{
    /// <summary>Transfers all three, until the outputs have ended and the input has ended or has no reader any more.</summary>
    internal static async Task RunAsync(ProcessIo io, ProcessStreams streams, CancellationToken cancellationToken)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pumps = new List<Task> { ReadAsync(streams.Stdout, io.Stdout, failed.Token) };
        if (streams.Stderr is Stream stderr)
            pumps.Add(ReadAsync(stderr, io.Stderr, failed.Token));
        if (io.Stdin is not null)
            pumps.Add(WriteAsync(io.Stdin, streams, failed.Token));
        var all = Task.WhenAll(pumps);
        var pending = pumps.ToList();
        while (pending.Count > 0)
        {
            var first = await Task.WhenAny(pending).ConfigureAwait(false);
            pending.Remove(first);
            if (first.IsCompletedSuccessfully)
                continue;
            // If a sink or an input fails, the process would wait for it forever: the others stop too.
            await failed.CancelAsync().ConfigureAwait(false);
            await all.ContinueWith(
                    static _ => { },
                    CancellationToken.None,
                    TaskContinuationOptions.ExecuteSynchronously,
                    TaskScheduler.Default
                )
                .ConfigureAwait(false);
            await first.ConfigureAwait(false);
        }
    }

    /// <summary>Transfers one stream to its end.</summary>
    internal static async Task ReadAsync(Stream source, OutputSink sink, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (await source.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var count and > 0)
            await sink(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
    }

    private static async Task WriteAsync(
        IAsyncEnumerable<ReadOnlyMemory<byte>> input,
        ProcessStreams streams,
        CancellationToken cancellationToken
    )
    {
        using var until = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, streams.Exited);
        var stdin = streams.Stdin!;
        try
        {
            await foreach (var chunk in input.WithCancellation(until.Token).ConfigureAwait(false))
                await stdin.WriteAsync(chunk, until.Token).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The process closed its input: unread input is not an error, as in the pipe of a shell.
        }
        catch (OperationCanceledException) when (streams.Exited.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // Input without a reader is not an error either.
        }

        await stdin.DisposeAsync().ConfigureAwait(false);
    }
}

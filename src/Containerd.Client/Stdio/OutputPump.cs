namespace Containerd.Client;

/// <summary>Takes what a process wrote on one stream. Called in order, one chunk at a time; while it runs, the process's pipe fills and it waits.</summary>
/// <param name="chunk">The bytes; valid until the call ends.</param>
/// <param name="cancellation">The caller gave up.</param>
/// <returns>A task that ends when the next chunk may come.</returns>
public delegate ValueTask OutputSink(ReadOnlyMemory<byte> chunk, CancellationToken cancellation);

/// <summary>Carries one stream of a process to its sink, to the stream's end, and knows whether it waits for the process or for the sink.</summary>
internal sealed class OutputPump
{
    private readonly Stream _source;
    private readonly OutputSink _sink;
    private long _readingSince = long.MaxValue;

    private OutputPump(Stream source, OutputSink sink)
    {
        _source = source;
        _sink = sink;
    }

    /// <summary>Ends when the stream does.</summary>
    internal Task Completion { get; private set; } = Task.CompletedTask;

    internal static OutputPump Start(Stream source, OutputSink sink, CancellationToken cancellation)
    {
        var pump = new OutputPump(source, sink);
        pump.Completion = Task.Run(() => pump.RunAsync(cancellation), CancellationToken.None);
        return pump;
    }

    /// <summary>
    /// Waits until every pump is done, or until those that are not have waited for the process longer than the grace: then somebody else, a background
    /// child, holds the stream open. A slow sink is no such case.
    /// </summary>
    /// <returns>Whether all streams came to their end.</returns>
    internal static async Task<bool> DrainAsync(IReadOnlyCollection<OutputPump> pumps, TimeSpan grace, CancellationToken cancellation)
    {
        var all = Task.WhenAll(pumps.Select(p => p.Completion));
        var exited = Environment.TickCount64;
        while (true)
        {
            if (await Task.WhenAny(all, Task.Delay(50, cancellation)).ConfigureAwait(false) == all)
            {
                await all.ConfigureAwait(false);
                return true;
            }

            cancellation.ThrowIfCancellationRequested();
            var now = Environment.TickCount64;
            if (pumps.All(p => p.Completion.IsCompleted || now - Math.Max(exited, Interlocked.Read(ref p._readingSince)) > grace.TotalMilliseconds))
                return all.IsCompleted;
        }
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        var buffer = new byte[64 * 1024];
        while (true)
        {
            Interlocked.Exchange(ref _readingSince, Environment.TickCount64);
            var count = await _source.ReadAsync(buffer, cancellation).ConfigureAwait(false);
            Interlocked.Exchange(ref _readingSince, long.MaxValue);
            if (count == 0)
                return;
            await _sink(buffer.AsMemory(0, count), cancellation).ConfigureAwait(false);
        }
    }
}

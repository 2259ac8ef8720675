using System.Threading.Channels;
using Containerd.Host.Streams;

namespace Containerd.Host.Terminals;

/// <summary>
/// Connects this process's terminal to one in a container: keys are sent as they are typed, output is shown as it is written, and the
/// window size is synchronized. It ends with the output, or when the detach keys are typed.
/// </summary>
/// <param name="terminal">This process's terminal.</param>
/// <param name="keys">The keys that detach and leave the process running; null for none.</param>
/// <param name="resize">Sets the window size of the other terminal.</param>
internal sealed class TerminalRelay(LocalTerminal terminal, DetachKeys? keys, Func<int, int, CancellationToken, Task> resize)
{
    private const byte Interrupt = 3;

    /// <summary>How long a first detach key waits for the second one before it is treated as an ordinary key.</summary>
    private const int DetachPatience = 1000;

    /// <summary>
    /// The maximum number of typed bytes that the process has not read: above it no more input is read, including detach keys, until it has
    /// read some.
    /// </summary>
    private const int MostPending = 16 << 20;

    private static readonly TimeSpan PendingPoll = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan ResizeRetry = TimeSpan.FromSeconds(1);

    /// <summary>How long output that the window does not accept may delay the end.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(1);

    private long _pending;

    /// <summary>Whether it ended by the detach keys.</summary>
    internal bool Detached { get; private set; }

    /// <summary>Called for every typed key, before the process gets it.</summary>
    internal Action<ReadOnlyMemory<byte>>? Typed { get; init; }

    /// <summary>Text that is written to the terminal first.</summary>
    internal ReadOnlyMemory<byte> Preamble { get; init; }

    /// <summary>A <see cref="StdioCallback"/>: the process owns the terminal as soon as it is running.</summary>
    internal async Task RunAsync(ProcessStreams streams, CancellationToken cancellationToken)
    {
        await streams.Started.WaitAsync(cancellationToken).ConfigureAwait(false);
        await RunAsync(streams.Stdin, streams.Stdout, streams.Exited, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs until the output ends.</summary>
    /// <param name="stdin">The input of the process; null if it has none: then Ctrl+C detaches too.</param>
    /// <param name="stdout">Its output.</param>
    /// <param name="exited">Cancelled when the process no longer reads input.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrException">The terminal was closed (TerminalClosed).</exception>
    internal async Task RunAsync(Stream? stdin, Stream stdout, CancellationToken exited, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, terminal.Closing);
        using var typing = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, exited);
        terminal.EnterRaw();
        var typed = Channel.CreateUnbounded<ReadOnlyMemory<byte>>();
        var output = Task.Run(() => ShowAsync(stdout, stop.Token), CancellationToken.None);
        var reading = ReadKeysAsync(typed.Writer, stdin is not null, typing.Token);
        var writing = WriteKeysAsync(typed.Reader, stdin, typing.Token);
        var sizing = FollowSizeAsync(typing.Token);
        try
        {
            var first = await Task.WhenAny(output, reading).ConfigureAwait(false);
            if (first == reading && !Detached)
            {
                var gone = await reading.ConfigureAwait(false);
                if (gone || terminal.Closing.IsCancellationRequested)
                    throw LocalTerminal.Closed();
                first = output;
                await Task.WhenAny(output, Task.Delay(Timeout.Infinite, stop.Token)).ConfigureAwait(false);
            }

            if (terminal.Closing.IsCancellationRequested)
                throw LocalTerminal.Closed();
            cancellationToken.ThrowIfCancellationRequested();
            if (first == output)
                await output.ConfigureAwait(false);
            else
                await Task.WhenAny(writing, Task.Delay(EndPatience, stop.Token)).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAny(Task.WhenAll(output, reading, writing, sizing), Task.Delay(EndPatience, CancellationToken.None))
                .ConfigureAwait(false);
            terminal.Leave();
        }
    }

    private async Task ShowAsync(Stream stdout, CancellationToken cancellationToken)
    {
        terminal.Write(Preamble.Span);
        await StreamPumps.ReadAsync(stdout, terminal.WriteAsync, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads keys until it is stopped, or the detach keys are typed.</summary>
    /// <returns>Whether the terminal was closed.</returns>
    private async Task<bool> ReadKeysAsync(ChannelWriter<ReadOnlyMemory<byte>> typed, bool hasInput, CancellationToken cancellationToken)
    {
        using var input = new ConsoleInput();
        var filter = new KeyFilter(keys);
        try
        {
            while (!input.IsAtEnd)
            {
                var held = filter.Held;
                var patience = filter.IsHolding ? DetachPatience : Timeout.Infinite;
                var chunk = await input
                    .ReadAsync(byByte: true, b => filter.Completes(b) || (b == Interrupt && !hasInput), patience, cancellationToken)
                    .ConfigureAwait(false);
                Detached = filter.Detached || (!hasInput && chunk.Span.Contains(Interrupt));
                var passed = chunk.IsEmpty ? filter.Release() : filter.Pass(held, chunk);
                if (!passed.IsEmpty && hasInput)
                {
                    Typed?.Invoke(passed);
                    // It does not wait for a process that does not read: the next keys may be the detach keys.
                    typed.TryWrite(passed);
                    Interlocked.Add(ref _pending, passed.Length);
                    while (Volatile.Read(ref _pending) > MostPending)
                        await Task.Delay(PendingPoll, cancellationToken).ConfigureAwait(false);
                }

                if (Detached)
                    return false;
            }

            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            typed.TryComplete();
        }
    }

    private async Task WriteKeysAsync(ChannelReader<ReadOnlyMemory<byte>> typed, Stream? stdin, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var chunk in typed.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                await stdin!.WriteAsync(chunk, cancellationToken).ConfigureAwait(false);
                Interlocked.Add(ref _pending, -chunk.Length);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // It has exited, or no longer reads: typed input is discarded, and the detach keys still work.
            Interlocked.Exchange(ref _pending, long.MinValue);
            while (await typed.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
                typed.TryRead(out _);
        }
    }

    private async Task FollowSizeAsync(CancellationToken cancellationToken)
    {
        (int, int) told = default;
        try
        {
            while (true)
            {
                var (width, height) = LocalTerminal.Size;
                var patience = Timeout.InfiniteTimeSpan;
                if (told != (width, height))
                {
                    try
                    {
                        await resize(width, height, cancellationToken).ConfigureAwait(false);
                        told = (width, height);
                    }
                    catch (CtrException)
                    {
                        // It has exited, or the daemon is temporarily unavailable.
                        patience = ResizeRetry;
                    }
                }

                await terminal.NextResizeAsync(patience, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) { }
    }
}

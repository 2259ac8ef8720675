using System.IO.Pipes;
using Containerd.Client.Records;
using Containerd.Client.Workloads.Streams;
using Containerd.Host;
using Containerd.Host.Logs;
using Containerd.Host.Native;
using Containerd.Host.Streams;

namespace Containerd.Client;

/// <summary>
/// The streams of a background process: its output, followed in its files, and its input, through its named pipe. Any number of attachments
/// may exist at the same time; they do not block the process, and ending one does not affect the others.
/// </summary>
internal sealed class Attachment : IDisposable
{
    private const byte Interrupt = 3;
    private const byte Suspend = 0x1a;
    private const byte Quit = 0x1c;

    /// <summary>The number of pending bytes that are discarded when the user interrupts.</summary>
    private const int Flood = 256 * 1024;

    private const int LinesAfterFlood = 20;

    /// <summary>
    /// The time limit for a shim to open its end of an input, during which everything else continues; after that, the input was closed.
    /// </summary>
    private static readonly TimeSpan ReaderPatience = TimeSpan.FromSeconds(10);

    private readonly FollowedFile _stdout;
    private readonly FollowedFile? _stderr;
    private readonly string _stdin;
    private readonly bool _terminal;
    private readonly CancellationTokenSource _exited = new();

    private readonly ContainerProcess _process;

    private Attachment(ContainerProcess process, FollowedFile stdout, FollowedFile? stderr, string stdin, bool terminal)
    {
        _process = process;
        _stdout = stdout;
        _stderr = stderr;
        _stdin = stdin;
        _terminal = terminal;
    }

    /// <summary>The process.</summary>
    internal ContainerProcess Process => _process;

    /// <summary>Its standard output; with a terminal all output.</summary>
    internal FollowedFile Stdout => _stdout;

    /// <summary>
    /// Examines the typed keys: keys that interrupt make a terminal discard pending output. Pending output here is discarded too, otherwise
    /// the prompt would appear minutes after a flood.
    /// </summary>
    internal void Typed(ReadOnlyMemory<byte> keys)
    {
        if (keys.Span.IndexOfAny(Interrupt, Quit, Suspend) >= 0 && _stdout.Behind > Flood)
            _stdout.SkipTo(LogTail.Find(_stdout, _stdout.Length, LinesAfterFlood));
    }

    /// <summary>Opens the files of a process. Its output from here on is complete.</summary>
    /// <param name="logs">Determines which files can be followed.</param>
    /// <param name="process">The process.</param>
    /// <param name="streams">Its streams, as reported by containerd.</param>
    /// <param name="lines">The number of earlier lines of each stream to read first.</param>
    internal static Attachment Open(TaskLogs logs, ContainerProcess process, StreamPaths streams, int lines)
    {
        var (stdoutPath, stderrPath) = logs.Followable(process.Subject, streams.Stdout, streams.Stderr);
        var stdout = new FollowedFile(stdoutPath, fromEnd: true);
        var stderr = stderrPath is null ? null : new FollowedFile(stderrPath, fromEnd: true);
        if (lines > 0)
        {
            foreach (var file in new[] { stdout, stderr }.OfType<FollowedFile>())
                file.SkipTo(LogTail.Find(file, file.Position, lines));
        }

        return new Attachment(process, stdout, stderr, streams.Stdin, streams.Terminal);
    }

    /// <summary>Transfers the streams until the process has exited and they have ended, or the attachment ends.</summary>
    /// <param name="use">Uses the streams.</param>
    /// <param name="withStdin">Whether it may write to the process.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. The process continues after cancellation.</param>
    /// <returns>The outcome; no exit if the process keeps running.</returns>
    internal async Task<AttachOutcome> RunAsync(StdioCallback use, bool withStdin, CancellationToken cancellationToken)
    {
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var input = withStdin && File.Exists(_stdin) ? new GatedStream(writes: true) { Terminal = _terminal, Closed = CloseAsync } : null;
        var opening = OpenInputAsync(input, waiting.Token);
        var exit = _process.WaitAsync(waiting.Token);
        var used = use(new ProcessStreams(input, _stdout, _stderr, Task.CompletedTask, _exited.Token), cancellationToken);
        try
        {
            if (await Task.WhenAny(exit, used).ConfigureAwait(false) == used)
            {
                await used.ConfigureAwait(false);
                if (!exit.IsCompleted)
                    return new AttachOutcome(null, false);
            }

            await _exited.CancelAsync().ConfigureAwait(false);
            _stdout.Finish();
            _stderr?.Finish();
            await used.ConfigureAwait(false);
            return new AttachOutcome(await exit.ConfigureAwait(false), _stdout.IsHeld || _stderr?.IsHeld == true);
        }
        finally
        {
            await waiting.CancelAsync().ConfigureAwait(false);
            // After a failure or a cancellation no read or wait is left behind.
            await Task.WhenAll(exit, used, opening)
                .ContinueWith(
                    static t => t.Exception,
                    CancellationToken.None,
                    TaskContinuationOptions.ExecuteSynchronously,
                    TaskScheduler.Default
                )
                .ConfigureAwait(false);
            input?.Shut();
        }
    }

    /// <summary>Opens the named pipe of a process's input, once its shim has opened it.</summary>
    /// <param name="path">The pipe.</param>
    /// <param name="patience">The time limit for the shim.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The pipe; null if it has no reader any more.</returns>
    internal static async Task<AnonymousPipeClientStream?> TryOpenInputAsync(
        string path,
        TimeSpan patience,
        CancellationToken cancellationToken
    )
    {
        var giveUp = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        while (File.Exists(path))
        {
            if (Libc.TryOpenFifoToWrite(path) is { } handle)
                return new AnonymousPipeClientStream(PipeDirection.Out, handle);
            if (Environment.TickCount64 > giveUp)
                break;
            await Task.Delay(5, cancellationToken).ConfigureAwait(false);
        }

        return null;
    }

    public void Dispose()
    {
        _stdout.Dispose();
        _stderr?.Dispose();
        _exited.Dispose();
    }

    private async Task OpenInputAsync(GatedStream? input, CancellationToken cancellationToken)
    {
        if (input is null)
            return;
        try
        {
            using var until = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _exited.Token);
            if (await TryOpenInputAsync(_stdin, ReaderPatience, until.Token).ConfigureAwait(false) is { } pipe)
                input.Open(pipe);
        }
        catch (OperationCanceledException)
        {
            // It has exited, or the attachment has ended.
        }
        finally
        {
            // Typed input is then discarded.
            input.Abandon();
        }
    }

    private async Task CloseAsync()
    {
        if (_exited.IsCancellationRequested)
            return;
        try
        {
            await _process.CloseInputAsync(_exited.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException or ObjectDisposedException)
        {
            // It has exited in the meantime, which closed its input.
        }
    }
}

/// <summary>The outcome of an attachment.</summary>
/// <param name="Exit">The exit of the process; null if it keeps running.</param>
/// <param name="StreamsHeld">Whether another process still has its output open, so that later output is not returned.</param>
public sealed record AttachOutcome(CtrExit? Exit, bool StreamsHeld);

using Containerd.Host;
using Containerd.Host.Logs;
using Containerd.Host.Streams;

namespace Containerd.Client.Workloads.Logs;

/// <summary>Reads the output of one start, as lines.</summary>
internal sealed class LogReading(LogStart start, LogReadOptions query, LogSink sink, LogPlan plan) : IDisposable
{
    /// <summary>The limit for output that is written while a log is read.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _turn = new(1);
    private bool _held;
    private string? _before;
    private int _gap;
    private int _missed;
    private int _split;
    private long _skip;

    /// <summary>The exit of the writing process; null to read only the current content.</summary>
    internal Task? Ended { get; init; }

    /// <summary>Cancelled when only the content at that time should be read.</summary>
    internal CancellationToken Enough { get; init; }

    /// <summary>Whether it had a terminal.</summary>
    internal bool Terminal { get; init; }

    internal async Task<LogOutcome> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (start.Records is string prefix)
            {
                await ReadRecordsAsync(prefix, cancellationToken).ConfigureAwait(false);
            }
            else if (!query.AsksForTime)
            {
                var files = start.Plain(query.Stream).ToList();
                if (Ended is { IsCompleted: false })
                {
                    await ReadTogetherAsync(files, cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    foreach (var (stream, path) in files)
                        await ReadPlainAsync(stream, path, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // The container was removed with its output.
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CtrPermissionException($"The output cannot be read: {e.Message}", e)
            {
                ErrorId = ErrorIds.LogNotReadable,
                RemedyId = "AsOwner",
                Remedy = "Run as the user who started the task, usually root.",
            };
        }
        catch (IOException e)
        {
            throw new CtrFileException($"The output cannot be read: {e.Message}", e)
            {
                ErrorId = ErrorIds.LogNotReadable,
                Remedy = "Check the file and its disk.",
            };
        }

        return new LogOutcome(_held, _missed + _gap, _split);
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>Reads both streams as they grow; if one fails, the other does not wait forever.</summary>
    private async Task ReadTogetherAsync(List<(CtrOutput Stream, string Path)> files, CancellationToken cancellationToken)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var readings = files
            .Select(async file =>
            {
                try
                {
                    await ReadPlainAsync(file.Stream, file.Path, failed.Token).ConfigureAwait(false);
                }
                catch
                {
                    await failed.CancelAsync().ConfigureAwait(false);
                    throw;
                }
            })
            .ToList();
        await Task.WhenAll(readings).ConfigureAwait(false);
    }

    private async Task ReadPlainAsync(CtrOutput stream, string path, CancellationToken cancellationToken)
    {
        using var file = new FollowedFile(path, Ended);
        file.SkipTo(plan.From(path));
        // The current content, even if it grows in the meantime; for last lines, those that were counted.
        if (Ended is null || plan.To(path) is not null)
            file.LimitTo(plan.To(path) ?? file.Length);
        var splitter = new LineSplitter();
        await StreamPumps
            .ReadAsync(file, (chunk, ct) => GiveAsync([.. splitter.Add(chunk.Span).Select(Line)], ct), cancellationToken)
            .ConfigureAwait(false);
        if (splitter.End() is string last)
            await GiveAsync([Line(last)], cancellationToken).ConfigureAwait(false);
        plan.ReadTo(path, file.Position);
        _held |= file.IsHeld;
        Interlocked.Add(ref _split, splitter.Split);

        LogLine Line(string text) => new(start.Number, stream, text, null);
    }

    private async Task ReadRecordsAsync(string prefix, CancellationToken cancellationToken)
    {
        if (plan.Last(prefix) is { } last)
        {
            (_held, _missed, _split) = (last.Outcome.StreamsHeld, last.Outcome.FilesMissed, last.Outcome.LinesSplit);
            await GiveAsync(last.Lines, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (LogRecords.First(prefix) is not string first)
            return;
        var began = DateTime.UtcNow;
        _skip = plan.Skipped(prefix);
        using var file = new FollowedFile(first, Ended)
        {
            Next = Next,
            Enough = Enough,
            Settled = ct => LogHelper.SyncAsync(prefix, Terminal, ct),
        };
        var records = new LogRecords();
        using var past = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await StreamPumps.ReadAsync(file, TakeAsync, past.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (past.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // It is written faster than it is read.
        }

        await GiveAsync(Wanted(records.End(start.Number)), cancellationToken).ConfigureAwait(false);
        _held |= file.IsHeld;
        _split = records.Split;

        async ValueTask TakeAsync(ReadOnlyMemory<byte> chunk, CancellationToken ct)
        {
            var lines = records.Add(start.Number, chunk.Span);
            // For a log that grows as fast as it is read, the content before the start of reading is sufficient.
            var done =
                lines.Count > 0
                && (
                    (Enough.IsCancellationRequested && IsLate(lines[^1]))
                    || (Ended is null && lines[^1].Time?.ToUniversalTime() > began + Overlap)
                );
            await GiveAsync(Wanted(lines), ct).ConfigureAwait(false);
            if (done)
                await past.CancelAsync().ConfigureAwait(false);
        }
    }

    private string? Next(string path)
    {
        var next = LogRecords.Next(path, out var gap);
        // The next file may be removed while it is opened: then the gap grows, and is counted once.
        if (path != _before)
            _missed += _gap;
        (_before, _gap) = (path, gap);
        return next;
    }

    private bool IsLate(LogLine line) => line.Time?.ToUniversalTime() > query.Until?.ToUniversalTime();

    private List<LogLine> Wanted(List<LogLine> lines)
    {
        lines.RemoveAll(l =>
            (query.Stream is CtrOutput stream && l.Source != stream)
            || l.Time?.ToUniversalTime() < query.Since?.ToUniversalTime()
            || IsLate(l)
        );
        var skipped = (int)Math.Min(_skip, lines.Count);
        _skip -= skipped;
        lines.RemoveRange(0, skipped);
        return lines;
    }

    private async ValueTask GiveAsync(List<LogLine> lines, CancellationToken cancellationToken)
    {
        if (lines.Count == 0)
            return;
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await sink(lines, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }
}

using System.Collections.Concurrent;
using Containerd.Host;
using Containerd.Host.Logs;

namespace Containerd.Client.Workloads.Logs;

/// <summary>
/// The positions for reading: the start, either the beginning or a number of lines before the end, and the position at which to continue in
/// a file that several starts write to.
/// </summary>
internal sealed class LogPlan
{
    private readonly ConcurrentDictionary<string, long> _from = [];
    private readonly Dictionary<string, long> _to = [];
    private readonly Dictionary<string, long> _skipped = [];
    private readonly Dictionary<string, (List<LogLine> Lines, LogOutcome Outcome)> _last = [];

    /// <summary>The position in a plain file.</summary>
    internal long From(string path) => _from.GetValueOrDefault(Real(path));

    /// <summary>A plain file was read up to a position; the output of the next start follows it.</summary>
    internal void ReadTo(string path, long position) => _from[Real(path)] = position;

    /// <summary>The end of a plain file when its last lines were counted, if only these are requested; null if all output is.</summary>
    internal long? To(string path) => _to.TryGetValue(Real(path), out var to) ? to : null;

    /// <summary>The last lines of the helper's files, where no more than those are wanted; null where they are yet to be read.</summary>
    internal (List<LogLine> Lines, LogOutcome Outcome)? Last(string prefix) => _last.TryGetValue(prefix, out var last) ? last : null;

    /// <summary>How many lines of the helper's files are passed over.</summary>
    internal long Skipped(string prefix) => _skipped.GetValueOrDefault(prefix);

    /// <summary>The plan for the last lines, in reading order.</summary>
    /// <param name="starts">All starts.</param>
    /// <param name="query">The requested streams.</param>
    /// <param name="lines">The number of lines.</param>
    /// <param name="over">Whether the last one has ended: then its lines are counted once all its output has arrived.</param>
    /// <param name="terminal">Whether they had a terminal.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal static async Task<LogPlan> LastAsync(
        IReadOnlyList<LogStart> starts,
        LogReadOptions query,
        int lines,
        bool over,
        bool terminal,
        CancellationToken cancellationToken
    )
    {
        var plan = new LogPlan();
        long left = lines;
        foreach (var start in starts.Reverse())
        {
            var ended = over && start == starts[^1] ? Task.CompletedTask : null;
            if (start.Records is string kept && !query.Follow)
            {
                // Read only once: its writer may add lines, and remove its oldest file, between counting and reading.
                var last = new Queue<LogLine>();
                using var reading = new LogReading(start, query, (batch, _) => Keep(batch, last, left), new LogPlan())
                {
                    Ended = ended,
                    Terminal = terminal,
                };
                var outcome = left > 0 ? await reading.RunAsync(cancellationToken).ConfigureAwait(false) : new LogOutcome(false, 0);
                plan._last[kept] = ([.. last], outcome);
                left -= last.Count;
                continue;
            }

            if (start.Records is string prefix)
            {
                // The lines must be read to determine which are requested.
                long count;
                string? first;
                do
                {
                    count = 0;
                    first = LogRecords.First(prefix);
                    using var counting = new LogReading(start, query, (batch, _) => Count(batch, ref count), new LogPlan())
                    {
                        Ended = ended,
                        Terminal = terminal,
                    };
                    await counting.RunAsync(cancellationToken).ConfigureAwait(false);
                }
                // If the writer has removed the oldest file in the meantime, the counted lines no longer exist.
                while (LogRecords.First(prefix) != first);
                plan._skipped[prefix] = Math.Max(count - left, 0);
                left = Math.Max(left - count, 0);
                continue;
            }

            foreach (var (_, path) in start.Plain(query.Stream).Reverse())
            {
                var (from, to, count) = await LastAsync(path, left, ended, cancellationToken).ConfigureAwait(false);
                plan.ReadTo(path, from);
                if (!query.Follow)
                    plan._to[Real(path)] = to;
                left -= count;
            }
        }

        return plan;
    }

    /// <summary>The user's own file, if ours is a link to one.</summary>
    private static string Real(string path) => new FileInfo(path).LinkTarget ?? path;

    private static ValueTask Keep(IReadOnlyList<LogLine> batch, Queue<LogLine> last, long most)
    {
        foreach (var line in batch)
        {
            last.Enqueue(line);
            if (last.Count > most)
                last.Dequeue();
        }

        return ValueTask.CompletedTask;
    }

    private static ValueTask Count(IReadOnlyList<LogLine> batch, ref long count)
    {
        count += batch.Count;
        return ValueTask.CompletedTask;
    }

    /// <summary>The start, end and number of the last lines of a file.</summary>
    private static async Task<(long From, long To, long Count)> LastAsync(
        string path,
        long lines,
        Task? ended,
        CancellationToken cancellationToken
    )
    {
        using var file = new FollowedFile(path, ended);
        if (ended is not null)
        {
            var rest = new byte[4096];
            file.SkipTo(file.Length);
            while (await file.ReadAsync(rest, cancellationToken).ConfigureAwait(false) > 0)
            {
                // It grows.
            }
        }

        var end = file.Length;
        if (lines == 0 || end == 0)
            return (end, end, 0);
        var last = new byte[1];
        file.ReadBefore(last, end - 1);
        var unfinished = last[0] == '\n' ? 0 : 1;
        var from = LogTail.Find(file, end, (int)lines - unfinished);
        return (from, end, from > 0 ? lines : LogTail.Count(file, end) + unfinished);
    }
}

using System.Text.RegularExpressions;
using Containerd.Client.Records;
using Containerd.Host;

namespace Containerd.Client.Workloads.Readiness;

/// <summary>Waits for one line of the log of a container's current task.</summary>
/// <param name="ns">The namespace of the container.</param>
/// <param name="logs">The logs of the namespace.</param>
/// <param name="tasks">The tasks of the namespace.</param>
/// <param name="containerId">The container.</param>
/// <param name="matches">Whether a line is the expected one.</param>
/// <param name="expected">What makes a line the expected one, in words that follow "a line that".</param>
internal sealed class LogWait(
    RecordScope ns,
    TaskLogs logs,
    TaskService tasks,
    string containerId,
    Func<string, bool> matches,
    string expected
)
{
    private LogLine? _found;
    private LogLine? _last;

    internal async Task<LogLine> RunAsync(LogWaitOptions options, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(cancellationToken);
        deadline.Start(options.Timeout);
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token);
        try
        {
            var start = await logs.CurrentStartAsync(containerId, reading.Token).ConfigureAwait(false);
            var end = new TaskEnd(ns, tasks, containerId, ending.Token);
            try
            {
                await ReadAsync(start, options, reading).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_found is not null)
            {
                // No more lines are needed.
            }

            return _found ?? throw await end.ErrorAsync($"its log had a line that {expected}", _last, deadline.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (deadline.IsOver)
        {
            throw ReadinessErrors.LineTimedOut(containerId, expected, options.Timeout, _last);
        }
        finally
        {
            await reading.CancelAsync().ConfigureAwait(false);
            await ending.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task ReadAsync(int start, LogWaitOptions options, CancellationTokenSource reading)
    {
        var query = new LogReadOptions
        {
            Follow = true,
            OneTask = true,
            Stream = options.Stream,
            Tail = options.FromNow ? 0 : null,
        };
        await logs.ReadAsync(
                containerId,
                query,
                async (lines, _) =>
                {
                    if (Find(lines, start))
                        await reading.CancelAsync().ConfigureAwait(false);
                },
                reading.Token
            )
            .ConfigureAwait(false);
    }

    // Lines of other starts say nothing about the task that runs now.
    private bool Find(IReadOnlyList<LogLine> lines, int start)
    {
        foreach (var line in lines.Where(line => line.Start == start))
        {
            if (_found is not null)
                break;
            _last = line;
            try
            {
                if (matches(line.Text))
                    _found = line;
            }
            catch (RegexMatchTimeoutException e)
            {
                throw ReadinessErrors.PatternTooSlow(e);
            }
        }

        return _found is not null;
    }
}

using Containerd.Client.Records;

namespace Containerd.Client.Workloads.Events;

/// <summary>
/// Passes events of the daemon through the ledger to the subscribers. It periodically compares the ledger with the daemon's state, because
/// containerd may lose events: 2.1 loses those of deletions under load.
/// </summary>
internal sealed class EventDelivery
{
    /// <summary>A shim retries for a limited time to report the exit of a process that exited while the daemon was unavailable.</summary>
    private const long LateExitPatience = 4_000;

    /// <summary>The deletion may follow soon after an exit, and its event may be lost.</summary>
    private const long FirstAudit = 2_000;

    private const long LongestAudit = 30_000;

    private readonly RecordScope _ns;
    private readonly OomReports _oom;
    private readonly EventLedger _ledger = new(LateExitPatience);
    private readonly Func<CtrEvent, CancellationToken, Task> _tell;
    private bool _known;
    private long _auditAt;
    private long _auditAfter;

    /// <summary>Creates one with an empty ledger.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="tell">Receives the events to report, in order.</param>
    /// <param name="ignored">Receives the events that are not reported.</param>
    internal EventDelivery(RecordScope ns, Func<CtrEvent, CancellationToken, Task> tell, Action<CtrEvent>? ignored)
    {
        _ns = ns;
        _oom = new OomReports(ns);
        _tell = tell;
        _ledger.Ignored = ignored;
    }

    /// <summary>
    /// Compares the ledger with the daemon's state after subscribing; the first time, the state is recorded without a report.
    /// </summary>
    internal async Task ReconcileAsync(EventCall call, CancellationToken cancellationToken)
    {
        _ledger.BeginReading();
        var state = await TaskSnapshot.ReadAsync(_ns, _ledger.Expected, cancellationToken).ConfigureAwait(false);
        // Events that were published before the state was read come first.
        var mark = await call.MarkAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            if (!await call.Events.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                await call.Reading.ConfigureAwait(false);
                return;
            }

            var envelope = await call.Events.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (envelope.Topic == mark)
                break;
            await ObserveAsync(envelope, cancellationToken).ConfigureAwait(false);
        }

        if (_known)
            await TellAsync(_ledger.Compare(state, Environment.TickCount64, afterGap: true, call.LiveAt), cancellationToken)
                .ConfigureAwait(false);
        else
            _ledger.Begin(state);
        _known = true;
        Postpone(FirstAudit);
    }

    /// <summary>Delivers until the stream ends.</summary>
    internal async Task RunAsync(EventCall call, CancellationToken cancellationToken)
    {
        Task<bool>? next = null;
        Task<IReadOnlyList<ProcessReport>>? audit = null;
        (Task Task, long At) alarm = (Task.CompletedTask, 0);
        while (true)
        {
            next ??= call.Events.WaitToReadAsync(cancellationToken).AsTask();
            if (!next.IsCompleted)
            {
                var due = Math.Min(_ledger.Deadline ?? long.MaxValue, audit is null ? _auditAt : long.MaxValue);
                if (alarm.Task.IsCompleted || due < alarm.At)
                    alarm = (Task.Delay((int)Math.Clamp(due - Environment.TickCount64, 0, LongestAudit), cancellationToken), due);
                await Task.WhenAny(audit is null ? [next, alarm.Task] : [next, alarm.Task, audit]).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }

            if (next.IsCompleted)
            {
                if (!await next.ConfigureAwait(false))
                    return;
                next = null;
                while (call.Events.TryRead(out var envelope))
                    await ObserveAsync(envelope, cancellationToken).ConfigureAwait(false);
            }

            await TellAsync(_ledger.Expire(Environment.TickCount64), cancellationToken).ConfigureAwait(false);
            if (audit is { IsCompleted: true })
            {
                if (audit.IsCompletedSuccessfully)
                    await TellAsync(
                            _ledger.Compare(await audit.ConfigureAwait(false), Environment.TickCount64, afterGap: false),
                            cancellationToken
                        )
                        .ConfigureAwait(false);
                // Failures are those of the daemon: the stream ends by itself if it is unavailable.
                _ = audit.Exception;
                audit = null;
                Postpone(_ledger.IsSuspicious ? LateExitPatience : Math.Min(_auditAfter * 2, LongestAudit));
            }

            if (audit is null && Environment.TickCount64 >= _auditAt)
                audit = BeginAudit(cancellationToken);
        }
    }

    private Task<IReadOnlyList<ProcessReport>>? BeginAudit(CancellationToken cancellationToken)
    {
        _ledger.BeginReading();
        var expected = _ledger.Expected;
        if (expected.Count == 0)
        {
            Postpone(LongestAudit);
            return null;
        }

        return TaskSnapshot.ReadAsync(_ns, expected, cancellationToken);
    }

    private void Postpone(long milliseconds)
    {
        _auditAfter = milliseconds;
        _auditAt = Environment.TickCount64 + milliseconds;
    }

    private async Task ObserveAsync(Wire.Types.Envelope envelope, CancellationToken cancellationToken)
    {
        var e = EventDecoder.Decode(envelope.Topic, envelope.Timestamp, envelope.Event);
        _oom.Observe(e);
        if (e.Type == CtrEventType.Exit && e.ProcessId == e.ContainerId)
            Postpone(FirstAudit);
        await TellAsync(_ledger.Observe(e, Environment.TickCount64), cancellationToken).ConfigureAwait(false);
    }

    private async Task TellAsync(IReadOnlyList<CtrEvent> events, CancellationToken cancellationToken)
    {
        foreach (var e in events)
            await _tell(e, cancellationToken).ConfigureAwait(false);
    }
}

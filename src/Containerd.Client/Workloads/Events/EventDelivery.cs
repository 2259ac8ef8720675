using Containerd.Client.Records;
using Containerd.Client.Workloads.Tasks;

namespace Containerd.Client.Workloads.Events;

/// <summary>
/// Takes events from the daemon through the ledger to those who are told. Now and then it compares the ledger with the daemon's state,
/// since containerd may lose
/// events: 2.1 loses those of deletions under load.
/// </summary>
internal sealed class EventDelivery
{
    /// <summary>A shim tries for a while to hand over the exit of a process that ended while the daemon was away.</summary>
    private const long LateExitPatience = 4_000;

    /// <summary>After an exit the deletion may follow soon, and its event may be lost.</summary>
    private const long FirstAudit = 2_000;

    private const long LongestAudit = 30_000;

    private readonly RecordScope _ns;
    private readonly OomKills _oom;
    private readonly EventLedger _ledger = new(LateExitPatience);
    private readonly Func<CtrEvent, CancellationToken, Task> _tell;
    private bool _known;
    private long _auditAt;
    private long _auditAfter;

    /// <summary>Makes one with an empty ledger.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="tell">Gets the events to report, in order.</param>
    /// <param name="ignored">Gets the events that are not reported.</param>
    internal EventDelivery(RecordScope ns, Func<CtrEvent, CancellationToken, Task> tell, Action<CtrEvent>? ignored)
    {
        _ns = ns;
        _oom = new OomKills(ns);
        _tell = tell;
        _ledger.Ignored = ignored;
    }

    /// <summary>Compares what is known with the daemon's state after subscribing; the first time it is taken in without a report.</summary>
    internal async Task ReconcileAsync(EventCall call, CancellationToken cancellationToken)
    {
        _ledger.BeginReading();
        var state = await TaskSnapshot.ReadAsync(_ns, _ledger.Expected, cancellationToken).ConfigureAwait(false);
        // What was published before the state was read comes first.
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
                // A failure is the daemon's: the stream ends by itself if it has gone.
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

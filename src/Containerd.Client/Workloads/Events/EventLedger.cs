namespace Containerd.Client.Workloads.Events;

/// <summary>
/// The processes in the namespace of a subscription. It processes events and the daemon's state, and returns the events to report: one exit
/// for each life of a process, including those that were lost while the stream was interrupted, and none for a process that never started.
/// It makes no calls and reads no clock.
/// </summary>
internal sealed class EventLedger
{
    /// <summary>The number of ended processes that are remembered: a second exit may be late, but not after that many others.</summary>
    private const int Remembered = 50_000;

    private const string Forgotten = "The process exited while the daemon was unavailable, and the daemon does not know its exit code.";
    private const string EventLost = "The event of the process's exit was lost, and the daemon no longer knows its exit code.";
    private const string ShimDied = "The process ended with its shim, and the daemon does not know its exit code.";
    private const string NeverStarted = "The process was deleted before it was started.";

    private readonly Dictionary<string, ContainerLives> _containers = new(StringComparer.Ordinal);
    private readonly Queue<(string Container, string Process)> _ended = new();
    private readonly HashSet<string> _oomKilled = new(StringComparer.Ordinal);
    private readonly HashSet<string> _waiting = new(StringComparer.Ordinal);
    private readonly HashSet<(string Container, string Process)> _touched = [];
    private readonly long _patience;

    /// <summary>Creates an empty ledger.</summary>
    /// <param name="patience">How long a missing exit may still arrive, in milliseconds.</param>
    internal EventLedger(long patience) => _patience = patience;

    /// <summary>Receives the events that are not reported.</summary>
    internal Action<CtrEvent>? Ignored { get; set; }

    /// <summary>The time at which <see cref="Expire"/> has work to do; null for never.</summary>
    internal long? Deadline => _waiting.Min(id => _containers[id].Deadline);

    /// <summary>The processes that the daemon should have: tasks that were not deleted, and execs that have not exited.</summary>
    internal IReadOnlyList<(string Container, string Process)> Expected =>
        [
            .. _containers.SelectMany(c =>
                c.Value.Processes.Where(p =>
                        p.Value.Phase is LifePhase.Running or LifePhase.Created || (p.Key == c.Key && p.Value.Phase == LifePhase.Ended)
                    )
                    .Select(p => (c.Key, p.Key))
            ),
        ];

    /// <summary>Whether the last comparison found something that is not reported yet.</summary>
    internal bool IsSuspicious { get; private set; }

    /// <summary>The number of known containers.</summary>
    internal int Count => _containers.Count;

    /// <summary>Starts recording which processes have events, because their state that is read in the meantime may be older.</summary>
    internal void BeginReading() => _touched.Clear();

    /// <summary>Processes an event.</summary>
    /// <param name="e">The event.</param>
    /// <param name="now">The time in milliseconds, of a monotonic clock.</param>
    /// <returns>The events to report, in order: none if this one is delayed or contains nothing new.</returns>
    internal IReadOnlyList<CtrEvent> Observe(CtrEvent e, long now)
    {
        if (e.ContainerId.Length == 0)
            return [e];
        var report = new List<CtrEvent>();
        if (
            e.Type
            is CtrEventType.Create
                or CtrEventType.Start
                or CtrEventType.Exit
                or CtrEventType.Delete
                or CtrEventType.ExecAdded
                or CtrEventType.ExecStarted
        )
            _touched.Add((e.ContainerId, e.ProcessId));
        var container = Of(e.ContainerId);
        Route(container, e, now, report);
        Tidy(e.ContainerId, container);
        return report;
    }

    /// <summary>Stops waiting for exits whose time limit is reached.</summary>
    internal IReadOnlyList<CtrEvent> Expire(long now)
    {
        var report = new List<CtrEvent>();
        foreach (var id in _waiting.Where(id => _containers[id].Deadline <= now).ToList())
        {
            var container = _containers[id];
            foreach (var (process, pid) in container.Missing.ToList())
            {
                Report(container.Of(process), InferredEvent.Of(CtrEventType.Exit, id, process, pid, error: Forgotten), report);
                container.Found(process);
            }

            Release(container, now, report);
            Tidy(id, container);
        }

        return report;
    }

    /// <summary>Records the daemon's state when nothing is known yet: earlier exits are not reported.</summary>
    internal void Begin(IEnumerable<ProcessReport> state)
    {
        foreach (var task in state.Where(t => !_touched.Contains((t.ContainerId, t.ProcessId))))
        {
            var process = Of(task.ContainerId).Of(task.ProcessId);
            if (task.IsAlive)
                process.Start(task.Pid, null);
            else if (task.Status == CtrStatus.Created)
                process.Create(task.Pid, null);
            else if (task.Status == CtrStatus.Stopped)
                process.EndedBefore(task.Pid, task.ExitCode, task.ExitedAt);
        }
    }

    /// <summary>Compares the ledger with the daemon's state.</summary>
    /// <param name="state">All tasks, and those of <see cref="Expected"/> that the daemon knows.</param>
    /// <param name="now">As for <see cref="Observe"/>.</param>
    /// <param name="afterGap">Whether events were missed: then the state is used immediately. Otherwise an event may still arrive, and the
    /// state is used only if it is stable for long enough.
    /// </param>
    /// <param name="liveAt">After a gap, a time before the state was read, by the daemon's clock.</param>
    /// <returns>The events to report.</returns>
    internal IReadOnlyList<CtrEvent> Compare(IEnumerable<ProcessReport> state, long now, bool afterGap, DateTime? liveAt = null)
    {
        var report = new List<CtrEvent>();
        IsSuspicious = false;
        var shown = state.ToDictionary(p => (p.ContainerId, p.ProcessId));
        foreach (var id in _containers.Keys.Union(shown.Keys.Select(k => k.ContainerId)).ToList())
        {
            var container = Of(id);
            if (container.Deadline is null)
            {
                foreach (var name in container.Open().Append(id).Distinct().Where(name => !_touched.Contains((id, name))).ToList())
                {
                    var process = container.Of(name);
                    var current = shown.GetValueOrDefault((id, name));
                    var finding = LifeComparison.Examine(process, current, isInit: name == id, afterGap);
                    if (afterGap && finding == LifeFinding.None && current is { IsAlive: true })
                        process.ShownAlive(liveAt);
                    else if (afterGap && name != id && finding == LifeFinding.None && current?.Status is not CtrStatus.Created)
                        process.MissedStart();
                    var counts = afterGap || Confirmed(process, finding, current?.Pid ?? 0, now);
                    IsSuspicious |= !counts && finding != LifeFinding.None;
                    if (counts)
                        Act(container, (id, name), finding, current, now, afterGap, report);
                }
            }

            Tidy(id, container);
        }

        return report;
    }

    private bool Confirmed(ProcessLives process, LifeFinding finding, int pid, long now)
    {
        if (finding == LifeFinding.None || process.Suspicion.Finding != finding || process.Suspicion.Pid != pid)
            process.Suspicion = (finding, pid, now);
        return finding != LifeFinding.None && now - process.Suspicion.Since >= _patience;
    }

    private void Act(
        ContainerLives container,
        (string Container, string Process) key,
        LifeFinding finding,
        ProcessReport? shown,
        long now,
        bool afterGap,
        List<CtrEvent> report
    )
    {
        var (id, name) = key;
        var process = container.Of(name);
        process.Suspicion = default;
        switch (finding)
        {
            case LifeFinding.Lost when afterGap:
                // The shim may still report the exit.
                container.Miss(name, now + _patience);
                if (shown is not null)
                    container.Hold(InferredEvent.Next(shown));
                break;
            case LifeFinding.Lost:
                Report(process, InferredEvent.Of(CtrEventType.Exit, id, name, process.Pid, error: EventLost), report);
                if (shown is not null)
                    Apply(container, InferredEvent.Next(shown), now, report);
                break;
            case LifeFinding.Removed when afterGap:
                // It is not known whether it was started in the meantime: a late exit will show it.
                container.Remove(name);
                break;
            case LifeFinding.Removed:
                Apply(container, InferredEvent.Of(CtrEventType.Delete, id, name, process.Pid), now, report);
                break;
            case LifeFinding.Exited or LifeFinding.Started or LifeFinding.Created:
                Apply(container, InferredEvent.Next(shown!), now, report);
                break;
        }
    }

    private void Route(ContainerLives container, CtrEvent e, long now, List<CtrEvent> report)
    {
        if (container.Deadline is null)
        {
            Apply(container, e, now, report);
        }
        else if (e.Type == CtrEventType.Exit && container.Misses(e))
        {
            Report(container.Of(e.ProcessId), e, report);
            container.Found(e.ProcessId);
            Release(container, now, report);
        }
        else
        {
            container.Hold(e);
        }
    }

    /// <summary>Processes the delayed events until an exit is missing again.</summary>
    private void Release(ContainerLives container, long now, List<CtrEvent> report)
    {
        if (container.Deadline is not null)
            return;
        foreach (var e in container.TakeHeld())
            Route(container, e, now, report);
    }

    private void Apply(ContainerLives container, CtrEvent e, long now, List<CtrEvent> report)
    {
        var name = e.ProcessId.Length > 0 ? e.ProcessId : e.ContainerId;
        switch (e.Type)
        {
            case CtrEventType.Create or CtrEventType.ExecAdded:
                if (!Created(container, name, e, now, report))
                    return;
                break;
            case CtrEventType.Start or CtrEventType.ExecStarted:
                RemoveEarlier(container, name, e, now, report);
                if (!container.Of(name).Start(e.Pid, e.Reconciled ? null : e.Timestamp, e.Reconciled))
                {
                    Ignored?.Invoke(e);
                    return;
                }

                break;
            case CtrEventType.Exit:
                RemoveEarlier(container, name, e, now, report);
                if (e.Reconciled && container.Of(name).Phase != LifePhase.Running)
                    container.Of(name).Start(e.Pid, null);
                Report(container.Of(name), e, report);
                return;
            case CtrEventType.Delete:
                if (!Deleted(container.Of(name), e, report))
                {
                    Ignored?.Invoke(e);
                    return;
                }

                break;
        }

        if (container.Processes.TryGetValue(name, out var process))
            process.Suspicion = default;
        Add(e, report);
    }

    /// <summary>Records that a process was created.</summary>
    /// <returns>Whether that is reported now.</returns>
    private bool Created(ContainerLives container, string name, CtrEvent e, long now, List<CtrEvent> report)
    {
        if (!e.Reconciled && container.Of(name).Announces(e.Pid, e.Timestamp))
            return true;
        // There cannot be two with the same name; for a task, all processes of the previous one have ended.
        var gone = container.Running().Where(p => p == name || e.Type == CtrEventType.Create).ToList();
        if (gone.Count > 0)
        {
            gone.ForEach(p => container.Miss(p, now + _patience));
            container.Hold(e);
            return false;
        }

        if (e.Type == CtrEventType.Create && container.Of(name).Phase is LifePhase.Ended or LifePhase.Created)
            Apply(container, InferredEvent.Of(CtrEventType.Delete, e.ContainerId, name, container.Of(name).Pid), now, report);
        container.Of(name).Create(e.Pid, e.Reconciled ? null : e.Timestamp);
        // The state shows it only until it starts or is deleted, which is reported.
        return !e.Reconciled;
    }

    /// <summary>A container has one task: if the state shows another one, the earlier one was deleted.</summary>
    private void RemoveEarlier(ContainerLives container, string name, CtrEvent e, long now, List<CtrEvent> report)
    {
        if (e.Reconciled && name == e.ContainerId && container.Of(name).Phase == LifePhase.Ended)
            Apply(container, InferredEvent.Of(CtrEventType.Delete, e.ContainerId, name, container.Of(name).Pid), now, report);
    }

    /// <summary>Reports an exit, unless its life is already closed or never started.</summary>
    private void Report(ProcessLives process, CtrEvent exit, List<CtrEvent> report)
    {
        process.Suspicion = default;
        switch (process.Judge(exit.Pid, exit.ExitedAt))
        {
            case ExitVerdict.Current:
                if (exit.Pid <= 0)
                {
                    exit.Pid = process.Pid;
                    if (exit.ExitCode == 255)
                        (exit.ExitCode, exit.ExitedAt, exit.Error) = (null, null, ShimDied);
                }

                process.Close(exit.Pid, exit.ExitCode, exit.ExitedAt, exit.Error, exit.Reconciled);
                Remember(exit.ContainerId, exit.ProcessId);
                break;
            case ExitVerdict.Earlier:
                process.CloseEarlier(exit.Pid);
                break;
            default:
                Ignored?.Invoke(exit);
                return;
        }

        Add(exit, report);
    }

    /// <summary>Records that a process was deleted.</summary>
    /// <returns>Whether that is new.</returns>
    private bool Deleted(ProcessLives process, CtrEvent e, List<CtrEvent> report)
    {
        if (e.Pid > 0 && e.Pid != process.Pid)
            return true;
        switch (process.Phase)
        {
            case LifePhase.Deleted:
                return false;
            case LifePhase.Running:
                // Its exit would precede it in the same queue: it was lost.
                Report(
                    process,
                    InferredEvent.Of(
                        CtrEventType.Exit,
                        e.ContainerId,
                        e.ProcessId,
                        e.Pid,
                        e.ExitCode,
                        e.ExitedAt,
                        e.ExitCode is null ? Forgotten : null
                    ),
                    report
                );
                break;
            case LifePhase.Created:
                (e.ExitCode, e.ExitedAt, e.Error) = (null, null, NeverStarted);
                break;
        }

        // The shim may have died since, and its clean-up invents another code.
        if (process.Phase == LifePhase.Ended)
            (e.ExitCode, e.ExitedAt, e.Error) = (process.ExitCode, process.ExitedAt, process.Error);
        process.Delete();
        Remember(e.ContainerId, e.ProcessId);
        // Execs that were never started were removed with it.
        if (e.ProcessId == e.ContainerId)
            Of(e.ContainerId).Forget(LifePhase.Created);
        return true;
    }

    private void Add(CtrEvent e, List<CtrEvent> report)
    {
        if (e.Type == CtrEventType.Oom)
            _oomKilled.Add(e.ContainerId);
        e.OomKilled = _oomKilled.Contains(e.ContainerId);
        if (e.Type == CtrEventType.ContainerDelete)
            _oomKilled.Remove(e.ContainerId);
        report.Add(e);
    }

    private ContainerLives Of(string container)
    {
        if (!_containers.TryGetValue(container, out var lives))
            _containers.Add(container, lives = new ContainerLives());
        return lives;
    }

    /// <summary>Remembers an ended process, and forgets the oldest one of too many.</summary>
    private void Remember(string container, string process)
    {
        _ended.Enqueue((container, process));
        if (_ended.Count <= Remembered)
            return;
        (container, process) = _ended.Dequeue();
        if (
            !_containers.TryGetValue(container, out var lives)
            || !lives.Processes.TryGetValue(process, out var known)
            || known.Phase is LifePhase.Created or LifePhase.Running
        )
            return;
        lives.Remove(process);
        Tidy(container, lives);
    }

    /// <summary>Keeps only entries with information.</summary>
    private void Tidy(string id, ContainerLives container)
    {
        if (container.Processes.TryGetValue(id, out var init) && init.Phase == LifePhase.Unknown)
            container.Remove(id);
        if (container.Deadline is not null)
            _waiting.Add(id);
        else
            _waiting.Remove(id);
        if (container.Processes.Count == 0 && container.Deadline is null)
            _containers.Remove(id);
    }
}

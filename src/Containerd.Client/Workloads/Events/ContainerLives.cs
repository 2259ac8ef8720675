namespace Containerd.Client.Workloads.Events;

/// <summary>
/// The processes of one container. While an exit is missing, later events of the container are delayed briefly: it may still arrive, and
/// must precede them.
/// </summary>
internal sealed class ContainerLives
{
    private readonly Dictionary<string, ProcessLives> _processes = new(StringComparer.Ordinal);
    private readonly List<(string Process, int Pid)> _missing = [];
    private List<CtrEvent> _held = [];

    /// <summary>The time until which a missing exit is awaited, in milliseconds; null for none.</summary>
    internal long? Deadline { get; private set; }

    /// <summary>The known processes.</summary>
    internal IReadOnlyDictionary<string, ProcessLives> Processes => _processes;

    /// <summary>The awaited exits.</summary>
    internal IReadOnlyList<(string Process, int Pid)> Missing => _missing;

    /// <summary>A process, which may not be known yet.</summary>
    internal ProcessLives Of(string process)
    {
        if (!_processes.TryGetValue(process, out var lives))
            _processes.Add(process, lives = new ProcessLives());
        return lives;
    }

    /// <summary>The processes that are known to be running.</summary>
    internal IEnumerable<string> Running() => _processes.Where(p => p.Value.Phase == LifePhase.Running).Select(p => p.Key);

    /// <summary>
    /// The processes whose state may differ from what is known: those that run, and execs that were created and not started.
    /// </summary>
    internal IEnumerable<string> Open() =>
        _processes
            .Where(p => p.Value.Phase == LifePhase.Running || (p.Value.Phase == LifePhase.Created && p.Value.Pid == 0))
            .Select(p => p.Key);

    /// <summary>Awaits the exit of a process that is no longer running.</summary>
    internal void Miss(string process, long deadline)
    {
        if (!_missing.Exists(m => m.Process == process))
            _missing.Add((process, Of(process).Pid));
        Deadline ??= deadline;
    }

    /// <summary>
    /// Whether an exit is awaited. An exit with the same process id may belong to the next life, which started with a delayed event.
    /// </summary>
    internal bool Misses(CtrEvent exit)
    {
        if (!_missing.Exists(m => m.Process == exit.ProcessId && (m.Pid == exit.Pid || exit.Pid <= 0)))
            return false;
        var next = _held.Find(e =>
            e.ProcessId == exit.ProcessId
            && e.Type is CtrEventType.Create or CtrEventType.ExecAdded or CtrEventType.Start or CtrEventType.ExecStarted
        );
        return next is null
            || exit.ExitedAt is null
            || next.Reconciled
            || exit.ExitedAt.Value.ToUniversalTime() < next.Timestamp.ToUniversalTime();
    }

    /// <summary>Ends the wait for a missing exit.</summary>
    internal void Found(string process)
    {
        _missing.RemoveAll(m => m.Process == process);
        if (_missing.Count == 0)
            Deadline = null;
    }

    /// <summary>Delays an event.</summary>
    internal void Hold(CtrEvent e) => _held.Add(e);

    /// <summary>Takes the delayed events.</summary>
    internal IReadOnlyList<CtrEvent> TakeHeld()
    {
        var held = _held;
        _held = [];
        return held;
    }

    /// <summary>Forgets the processes in a phase.</summary>
    internal void Forget(LifePhase phase)
    {
        foreach (var name in _processes.Where(p => p.Value.Phase == phase).Select(p => p.Key).ToList())
            _processes.Remove(name);
    }

    /// <summary>Forgets a process.</summary>
    internal void Remove(string process) => _processes.Remove(process);
}

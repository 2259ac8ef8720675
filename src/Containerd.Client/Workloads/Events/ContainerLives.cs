namespace Containerd.Client.Workloads.Events;

/// <summary>
/// The processes of one container. While the exit of one is missing, the container's later events are held back for a moment: it may still
/// arrive, and belongs
/// before them.
/// </summary>
internal sealed class ContainerLives
{
    private readonly Dictionary<string, ProcessLives> _processes = new(StringComparer.Ordinal);
    private readonly List<(string Process, int Pid)> _missing = [];
    private List<CtrEvent> _held = [];

    /// <summary>Until when a missing exit is waited for, in milliseconds; null where none is.</summary>
    internal long? Deadline { get; private set; }

    /// <summary>The processes that anything is known of.</summary>
    internal IReadOnlyDictionary<string, ProcessLives> Processes => _processes;

    /// <summary>The exits that are waited for.</summary>
    internal IReadOnlyList<(string Process, int Pid)> Missing => _missing;

    /// <summary>A process, of which nothing may be known yet.</summary>
    internal ProcessLives Of(string process)
    {
        if (!_processes.TryGetValue(process, out var lives))
            _processes.Add(process, lives = new ProcessLives());
        return lives;
    }

    /// <summary>The processes that run as far as is known.</summary>
    internal IEnumerable<string> Running() => _processes.Where(p => p.Value.Phase == LifePhase.Running).Select(p => p.Key);

    /// <summary>
    /// The processes whose state may differ from what is known: those that run, and execs that were created and not started.
    /// </summary>
    internal IEnumerable<string> Open() =>
        _processes
            .Where(p => p.Value.Phase == LifePhase.Running || (p.Value.Phase == LifePhase.Created && p.Value.Pid == 0))
            .Select(p => p.Key);

    /// <summary>Waits for the exit of a process that runs no longer.</summary>
    internal void Miss(string process, long deadline)
    {
        if (!_missing.Exists(m => m.Process == process))
            _missing.Add((process, Of(process).Pid));
        Deadline ??= deadline;
    }

    /// <summary>
    /// Whether an exit is one that is waited for. One with the same process id may be that of the next life, which began with a held event.
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

    /// <summary>A missing exit has come, or is waited for no longer.</summary>
    internal void Found(string process)
    {
        _missing.RemoveAll(m => m.Process == process);
        if (_missing.Count == 0)
            Deadline = null;
    }

    /// <summary>Holds an event back.</summary>
    internal void Hold(CtrEvent e) => _held.Add(e);

    /// <summary>Takes what was held back.</summary>
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

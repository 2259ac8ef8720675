namespace Containerd.Client.Workloads.Events;

/// <summary>
/// The successive lives of one process of a container, its own or that of an exec. Neither the process id nor the time of an exit
/// identifies a life: ids are reused, and a shim that dies publishes a second exit with another code and time. So a start opens a life and
/// the first exit closes it.
/// </summary>
internal sealed class ProcessLives
{
    /// <summary>The number of earlier lives that are remembered, for late exits.</summary>
    private const int Remembered = 16;

    private readonly List<int> _closed = [];
    private readonly List<int> _open = [];
    private bool _fromState;
    private bool _startInferred;
    private bool _exitInferred;
    private bool _exitUnreported;
    private DateTime? _aliveAt;
    private bool _startMissed;

    /// <summary>The phase of the latest life.</summary>
    internal LifePhase Phase { get; private set; }

    /// <summary>The process id of the latest life; 0 if it has none yet.</summary>
    internal int Pid { get; private set; }

    /// <summary>
    /// Exits before this time belong to an earlier life, in UTC. It is the time of the Create event: a short process may have exited before
    /// its own Start event was stamped.
    /// </summary>
    internal DateTime? NotBefore { get; private set; }

    /// <summary>The reported exit code of an ended life; null if it is not known.</summary>
    internal int? ExitCode { get; private set; }

    /// <summary>The reported time of its exit, in local time; null if it is not known.</summary>
    internal DateTime? ExitedAt { get; private set; }

    /// <summary>The reason for which the exit code is not known.</summary>
    internal string? Error { get; private set; }

    /// <summary>
    /// The fact that the daemon's state showed but the events did not, and its time (milliseconds); events of the process clear it.
    /// </summary>
    internal (LifeFinding Finding, int Pid, long Since) Suspicion { get; set; }

    /// <summary>A process was created, and has not started.</summary>
    internal void Create(int pid, DateTime? at)
    {
        Leave();
        Phase = LifePhase.Created;
        Pid = pid;
        NotBefore = at?.ToUniversalTime();
        _fromState = at is null;
    }

    /// <summary>
    /// Whether a Create event belongs to the latest life, which the state has already shown: a shim answers before its events have arrived.
    /// </summary>
    internal bool Announces(int pid, DateTime at)
    {
        if (
            !_fromState
            || Pid != pid
            || Phase is LifePhase.Unknown or LifePhase.Deleted
            || ExitedAt?.ToUniversalTime() < at.ToUniversalTime()
        )
            return false;
        NotBefore = at.ToUniversalTime();
        return true;
    }

    /// <summary>Starts a life.</summary>
    /// <param name="pid">Its process id.</param>
    /// <param name="at">The time in the event; null from the state.</param>
    /// <param name="inferred">Whether this is reported from the daemon's state, so that the event itself may still arrive.</param>
    /// <returns>Whether to report it: false for the event of a start that was reported from the state.</returns>
    internal bool Start(int pid, DateTime? at, bool inferred = false)
    {
        // A shim that could not reach the daemon publishes its events again, not always in order.
        var isLate = Phase is LifePhase.Ended or LifePhase.Deleted && at?.ToUniversalTime() <= ExitedAt?.ToUniversalTime();
        if (Pid == pid && (isLate || Phase == LifePhase.Running || (Phase == LifePhase.Ended && _fromState)))
        {
            var known = _startInferred;
            _startInferred = false;
            return !known;
        }

        if (Phase != LifePhase.Created)
        {
            Leave();
            NotBefore = at?.ToUniversalTime();
        }

        Phase = LifePhase.Running;
        Pid = pid;
        _fromState = at is null;
        _startInferred = inferred;
        return true;
    }

    /// <summary>
    /// After a gap the state shows the process alive: an earlier exit with the same process id belongs to an earlier life.
    /// </summary>
    /// <param name="at">A time before the state was read, by the daemon's clock.</param>
    internal void ShownAlive(DateTime? at) => _aliveAt = at?.ToUniversalTime();

    /// <summary>Events were missed, possibly including the start of this process: an exit with any process id may belong to it.</summary>
    internal void MissedStart() => _startMissed = true;

    /// <summary>Determines the life that an exit belongs to.</summary>
    internal ExitVerdict Judge(int pid, DateTime? exitedAt)
    {
        // The shim's own clean-up failed, or the process never existed.
        if (pid <= 0)
            return Phase == LifePhase.Running ? ExitVerdict.Current : ExitVerdict.Ignored;
        var ended = exitedAt?.ToUniversalTime();
        // The state showed a later life with the same process id. A second exit of one life is always stamped later than the first.
        var shown = Phase switch
        {
            LifePhase.Running => _aliveAt,
            LifePhase.Ended when _exitInferred => ExitedAt?.ToUniversalTime(),
            _ => null,
        };
        if (Pid == pid && ended < shown && !(ended < NotBefore))
            return ExitVerdict.Earlier;
        var isEarlier = ended < NotBefore && (_open.Contains(pid) || _closed.Contains(pid));
        if (!isEarlier && Phase == LifePhase.Running && Pid == pid)
            return ExitVerdict.Current;
        if (!isEarlier && Phase is LifePhase.Ended or LifePhase.Deleted && Pid == pid)
            return _exitUnreported && exitedAt == ExitedAt ? ExitVerdict.Current : ExitVerdict.Ignored;
        if (_open.Contains(pid))
            return ExitVerdict.Earlier;
        if (_closed.Contains(pid))
            return ExitVerdict.Ignored;
        return Phase switch
        {
            LifePhase.Created when Pid == 0 && _startMissed => ExitVerdict.Current,
            LifePhase.Created when Pid == pid || Pid == 0 => ExitVerdict.NeverStarted,
            // An unknown life: it started and ended during the interruption.
            LifePhase.Created or LifePhase.Running => ExitVerdict.Earlier,
            _ => ExitVerdict.Current,
        };
    }

    /// <summary>The exit of the latest life has been reported.</summary>
    /// <param name="pid">Its process id.</param>
    /// <param name="exitCode">Its exit code; null if it is not known.</param>
    /// <param name="exitedAt">The time of its exit; null if it is not known.</param>
    /// <param name="error">The reason for which the exit code is not known.</param>
    /// <param name="inferred">Whether the state showed it, so that the events of this life may still arrive.</param>
    internal void Close(int pid, int? exitCode, DateTime? exitedAt, string? error, bool inferred)
    {
        if (pid > 0 && pid != Pid)
        {
            // Its start was never seen.
            Leave();
            NotBefore = null;
            Pid = pid;
        }

        Phase = LifePhase.Ended;
        (ExitCode, ExitedAt, Error) = (exitCode, exitedAt, error);
        _exitUnreported = false;
        _exitInferred = inferred;
        _fromState &= inferred;
    }

    /// <summary>The exit of an earlier life has been reported.</summary>
    internal void CloseEarlier(int pid)
    {
        _open.Remove(pid);
        Keep(_closed, pid);
        if (pid != Pid)
            return;
        NotBefore = _aliveAt ?? NotBefore;
        _aliveAt = null;
        _exitInferred = false;
    }

    /// <summary>Records a process that had exited before the subscription; its exit event may still arrive, and is then reported.</summary>
    internal void EndedBefore(int pid, int exitCode, DateTime? exitedAt)
    {
        Close(pid, exitCode, exitedAt, null, inferred: true);
        _fromState = _exitUnreported = true;
    }

    /// <summary>The process was deleted.</summary>
    internal void Delete()
    {
        Phase = LifePhase.Deleted;
        _exitUnreported = false;
    }

    /// <summary>The latest life becomes an earlier one.</summary>
    private void Leave()
    {
        if (Pid > 0 && Phase == LifePhase.Running)
        {
            Keep(_open, Pid);
            _closed.Remove(Pid);
        }
        else if (Pid > 0 && Phase is LifePhase.Ended or LifePhase.Deleted or LifePhase.Created)
        {
            Keep(_closed, Pid);
            _open.Remove(Pid);
        }

        (ExitCode, ExitedAt, Error) = (null, null, null);
        _fromState = _startInferred = _exitInferred = _exitUnreported = _startMissed = false;
        _aliveAt = null;
    }

    private static void Keep(List<int> pids, int pid)
    {
        pids.Remove(pid);
        pids.Add(pid);
        if (pids.Count > Remembered)
            pids.RemoveAt(0);
    }
}

namespace Containerd;

/// <summary>The state of a process in the kernel.</summary>
public enum CtrProcessState
{
    /// <summary>Not known.</summary>
    Unknown,

    /// <summary>Running, or ready to run (R).</summary>
    Running,

    /// <summary>Waiting; a signal can interrupt the wait (S).</summary>
    Sleeping,

    /// <summary>Waiting, usually for a disk; a signal cannot interrupt the wait (D).</summary>
    Uninterruptible,

    /// <summary>Stopped by a signal (T).</summary>
    Stopped,

    /// <summary>Stopped by a debugger (t).</summary>
    Traced,

    /// <summary>Exited, but not yet reaped by its parent (Z, X).</summary>
    Zombie,

    /// <summary>An idle thread of the kernel (I).</summary>
    Idle,
}

namespace Containerd;

/// <summary>What the kernel had a process do.</summary>
public enum CtrProcessState
{
    /// <summary>Not known.</summary>
    Unknown,

    /// <summary>It runs, or is ready to (R).</summary>
    Running,

    /// <summary>It waits for something, and a signal wakes it (S).</summary>
    Sleeping,

    /// <summary>It waits for something, mostly a disk, and no signal wakes it (D).</summary>
    Uninterruptible,

    /// <summary>A signal stopped it (T).</summary>
    Stopped,

    /// <summary>A debugger stopped it (t).</summary>
    Traced,

    /// <summary>It has ended, and its parent has not asked how (Z, X).</summary>
    Zombie,

    /// <summary>An idle thread of the kernel (I).</summary>
    Idle,
}

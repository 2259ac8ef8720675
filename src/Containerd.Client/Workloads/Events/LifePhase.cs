namespace Containerd.Client.Workloads.Events;

/// <summary>Where a process is in its life, as far as events and the daemon's state have shown.</summary>
internal enum LifePhase
{
    /// <summary>Nothing is known about it.</summary>
    Unknown,

    /// <summary>It was created; the user's program has not started.</summary>
    Created,

    /// <summary>It runs, and its exit has not been reported.</summary>
    Running,

    /// <summary>It has ended, and its exit has been reported.</summary>
    Ended,

    /// <summary>It was deleted after its end.</summary>
    Deleted,
}

namespace Containerd.Client.Workloads.Events;

/// <summary>The phase of a process's life, according to events and the daemon's state.</summary>
internal enum LifePhase
{
    /// <summary>Nothing is known about it.</summary>
    Unknown,

    /// <summary>It was created; the user's program has not started.</summary>
    Created,

    /// <summary>It is running, and its exit has not been reported.</summary>
    Running,

    /// <summary>It has exited, and its exit has been reported.</summary>
    Ended,

    /// <summary>It was deleted after its exit.</summary>
    Deleted,
}

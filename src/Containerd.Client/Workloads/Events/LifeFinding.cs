namespace Containerd.Client.Workloads.Events;

/// <summary>What the daemon's state shows of a process that its events did not.</summary>
internal enum LifeFinding
{
    /// <summary>Nothing: both agree.</summary>
    None,

    /// <summary>It has ended, and the daemon knows how.</summary>
    Exited,

    /// <summary>It no longer exists, or another process has its place: it has ended, and the daemon does not know how.</summary>
    Lost,

    /// <summary>It runs, and its start was not seen.</summary>
    Started,

    /// <summary>It was created, which was not seen.</summary>
    Created,

    /// <summary>A task that had ended, or was only created, no longer exists.</summary>
    Removed,
}

namespace Containerd.Client.Workloads.Events;

/// <summary>A fact about a process that the daemon's state shows, but its events did not.</summary>
internal enum LifeFinding
{
    /// <summary>Nothing: both agree.</summary>
    None,

    /// <summary>It has exited, and the daemon knows its exit code.</summary>
    Exited,

    /// <summary>
    /// It no longer exists, or was replaced by another process: it has exited, and the daemon does not know its exit code.
    /// </summary>
    Lost,

    /// <summary>It is running, and its start was not seen.</summary>
    Started,

    /// <summary>Its creation was not seen.</summary>
    Created,

    /// <summary>A task that had exited, or was only created, no longer exists.</summary>
    Removed,
}

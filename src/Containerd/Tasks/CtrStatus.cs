namespace Containerd;

/// <summary>The status of a task or process (task.proto Status).</summary>
public enum CtrStatus
{
    /// <summary>The runtime did not say.</summary>
    Unknown,

    /// <summary>Made, but the user's process has not started.</summary>
    Created,

    /// <summary>The process runs.</summary>
    Running,

    /// <summary>The process ended; the task waits to be deleted.</summary>
    Stopped,

    /// <summary>All its processes are frozen.</summary>
    Paused,

    /// <summary>Its processes are being frozen.</summary>
    Pausing,
}

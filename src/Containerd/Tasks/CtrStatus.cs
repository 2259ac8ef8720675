namespace Containerd;

/// <summary>The status of a task or process (task.proto Status).</summary>
public enum CtrStatus
{
    /// <summary>The runtime did not report a status.</summary>
    Unknown,

    /// <summary>Created, but the user's process has not started.</summary>
    Created,

    /// <summary>The process is running.</summary>
    Running,

    /// <summary>The process has exited; the task can be deleted.</summary>
    Stopped,

    /// <summary>All its processes are frozen.</summary>
    Paused,

    /// <summary>Its processes are being frozen.</summary>
    Pausing,
}

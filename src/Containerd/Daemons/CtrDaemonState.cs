namespace Containerd;

/// <summary>The state of a <see cref="CtrDaemon"/>.</summary>
public enum CtrDaemonState
{
    /// <summary>Its containerd runs and accepts connections.</summary>
    Running,

    /// <summary>Neither its containerd nor its supervisor is running; Stop-CtrDaemon removes its files.</summary>
    Stopped,

    /// <summary>Its containerd died; the supervisor is about to start it again.</summary>
    Failed,

    /// <summary>Its containerd runs but does not accept connections yet.</summary>
    Starting,

    /// <summary>
    /// It is being stopped, or the PowerShell that started it has exited: its supervisor stops containerd and removes its files.
    /// </summary>
    Stopping,
}

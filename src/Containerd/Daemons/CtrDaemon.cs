namespace Containerd;

/// <summary>
/// A private containerd: Start-CtrDaemon started it beside the machine's own, with its own socket, data folder and supervisor.
/// </summary>
[PipelineObject(nameof(Name), nameof(State), nameof(Pid), nameof(Version), nameof(Path), Depth = 2)]
public sealed class CtrDaemon
{
    /// <summary>The daemon's name, unique on this machine.</summary>
    public string Name { get; set; } = "";

    /// <summary>The address to connect to, such as <c>unix:///run/containerd-powershell/daemons/demo/containerd.sock</c>.</summary>
    public string Address { get; set; } = "";

    /// <summary>The process id of its containerd; 0 if it is not running.</summary>
    public int Pid { get; set; }

    /// <summary>The state of the daemon.</summary>
    public CtrDaemonState State { get; set; }

    /// <summary>Its version when it was started, such as <c>1.6.20</c>.</summary>
    public string Version { get; set; } = "";

    /// <summary>
    /// Its folder: images, snapshots and metadata in <c>root</c>, running tasks in <c>state</c>, beside its configuration and log.
    /// </summary>
    public string Path { get; set; } = "";

    /// <summary>The path of its log file.</summary>
    public string LogPath { get; set; } = "";

    /// <summary>Whether its folder is removed when it stops.</summary>
    public bool Ephemeral { get; set; }

    /// <summary>Whether it keeps running when the PowerShell process that started it exits.</summary>
    public bool Detached { get; set; }

    /// <summary>The time at which it was started.</summary>
    public DateTime StartedAt { get; set; }

    /// <summary>The name of the daemon.</summary>
    /// <returns>The name by which a person knows the daemon.</returns>
    public override string ToString() => Name;
}

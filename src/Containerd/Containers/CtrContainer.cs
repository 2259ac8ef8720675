namespace Containerd;

/// <summary>
/// A container: the metadata that containerd stores (containers.v1 Container). Its running side is its <see cref="CtrTask"/>.
/// </summary>
[PipelineObject(nameof(ContainerId), nameof(Image), nameof(Runtime), nameof(CreatedAt), Depth = 8)]
public sealed class CtrContainer : CtrContainerObject
{
    private CtrSpec? _spec;
    private Lazy<CtrSpec?>? _stored;

    /// <summary>The container's name, unique in its namespace (the label <c>nerdctl/name</c>); null for a container without one.</summary>
    public string? Name { get; set; }

    /// <summary>
    /// The image that the container was created from; empty for a container that was created from a rootfs directory or a full spec.
    /// </summary>
    public string Image { get; set; } = "";

    /// <summary>
    /// The status: that of its task; without a task <see cref="CtrStatus.Stopped"/> if its last exit is known, else <see
    /// cref="CtrStatus.Created"/>. Null if the tasks were not read.
    /// </summary>
    public CtrStatus? Status { get; set; }

    /// <summary>
    /// The start of its task, in local time; null if it does not run, and over a session to another host, where only the kernel knows it.
    /// </summary>
    public DateTime? StartedAt { get; set; }

    /// <summary>
    /// Its health, as nerdctl records it (the label <c>nerdctl/healthstate</c>); null for a container whose health nobody checks.
    /// </summary>
    public CtrHealth? Health { get; set; }

    /// <summary>When containerd's restart monitor starts it again; null for never.</summary>
    public CtrRestartPolicy? RestartPolicy { get; set; }

    /// <summary>How many times the restart monitor has started it since a client did.</summary>
    public int RestartCount { get; set; }

    /// <summary>
    /// Whether it does not run, and the restart monitor is to start it at one of its next looks (every 10 seconds by default).
    /// </summary>
    public bool IsRestarting { get; set; }

    /// <summary>
    /// Why the restart monitor could not start it, or why its log is not written since the last start, as the helper program of its network
    /// or its log has recorded it; null where it has recorded nothing. Errors of the runtime are only in the log of containerd.
    /// </summary>
    public string? RestartError { get; set; }

    /// <summary>The command line of its process; empty if containerd does not store it.</summary>
    public string[] Command { get; set; } = [];

    /// <summary>The runtime that runs it, such as <c>io.containerd.runc.v2</c>.</summary>
    public string Runtime { get; set; } = "";

    /// <summary>
    /// The options of the runtime, by the names that New-CtrContainer -RuntimeOption accepts, such as <c>binaryName</c>. Options that have
    /// their default value are not included.
    /// </summary>
    public CtrMap RuntimeOptions { get; set; } = [];

    /// <summary>The snapshotter that holds its read-write layer; empty without one.</summary>
    public string Snapshotter { get; set; } = "";

    /// <summary>The key of its read-write snapshot; empty without one.</summary>
    public string SnapshotKey { get; set; } = "";

    /// <summary>The container's labels.</summary>
    public CtrMap Labels { get; set; } = [];

    /// <summary>
    /// Additional data that clients store with the container, by name: JSON as text, and for data of any other kind the name of its type.
    /// </summary>
    public CtrMap Extensions { get; set; } = [];

    /// <summary>
    /// The networks that it is attached to, or will be when it starts, with its addresses; empty for a container that has only a loopback
    /// interface. If it is stopped, or the session is over SSH, the addresses are those of its last start.
    /// </summary>
    public CtrNetworkAttachment[] Networks { get; set; } = [];

    /// <summary>The ports of the host that are forwarded to it.</summary>
    public CtrPortMapping[] Ports { get; set; } = [];

    /// <summary>The names of the volumes that it mounts.</summary>
    public string[] Volumes { get; set; } = [];

    /// <summary>
    /// The OCI runtime spec for its task; null if containerd does not store one. It is parsed when it is first read: a list of many
    /// containers does not need it.
    /// </summary>
    public CtrSpec? Spec
    {
        get => _stored is null ? _spec : _stored.Value;
        set => (_spec, _stored) = (value, null);
    }

    // Any client can store any spec; what such a container mounts is not known.
    internal bool HasUnreadableSpec => _stored is { Value: null };

    /// <summary>The time of its creation, in local time.</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>The time of the last change of its metadata, in local time.</summary>
    public DateTime UpdatedAt { get; set; }

    /// <summary>
    /// The exit of its stopped task, or of the last task that this module deleted: a <see cref="CtrLastExit"/>, which is shown as <c>7, 2
    /// minutes ago</c>. Null if neither exists, or if another client deleted the task.
    /// </summary>
    public CtrExit? LastExit { get; set; }

    /// <summary>Its settings, its task and its output files; null without Get-CtrContainer -Detailed.</summary>
    public CtrContainerDetails? Details { get; set; }

    /// <summary>Sets the spec that containerd stores.</summary>
    /// <param name="stored">The parsed spec; null for one that cannot be parsed.</param>
    internal void SetStoredSpec(Lazy<CtrSpec?> stored) => _stored = stored;

    /// <summary>The container's name, or its id where it has no name.</summary>
    /// <returns>The name or id, which every cmdlet accepts instead of the object.</returns>
    public override string ToString() => Name ?? ContainerId;
}

namespace Containerd;

/// <summary>
/// A container: the metadata that containerd keeps (containers.v1 Container). What runs in it is its <see cref="CtrTask"/>.
/// </summary>
[PipelineObject(nameof(ContainerId), nameof(Image), nameof(Runtime), nameof(CreatedAt), Depth = 8)]
public sealed class CtrContainer : CtrContainerObject
{
    /// <summary>The container's name, unique in its namespace (the label <c>nerdctl/name</c>); null for a container without one.</summary>
    public string? Name { get; set; }

    /// <summary>The image that the container was made from; empty for one made from a rootfs directory or a full spec.</summary>
    public string Image { get; set; } = "";

    /// <summary>The runtime that runs it, such as <c>io.containerd.runc.v2</c>.</summary>
    public string Runtime { get; set; } = "";

    /// <summary>
    /// The options of the runtime, by the names that New-CtrContainer -RuntimeOption takes, such as <c>binaryName</c>; those that have
    /// their default value are not in it.
    /// </summary>
    public CtrMap RuntimeOptions { get; set; } = [];

    /// <summary>The snapshotter that holds its read-write layer; empty without one.</summary>
    public string Snapshotter { get; set; } = "";

    /// <summary>The key of its read-write snapshot; empty without one.</summary>
    public string SnapshotKey { get; set; } = "";

    /// <summary>The container's labels.</summary>
    public CtrMap Labels { get; set; } = [];

    /// <summary>
    /// What clients store with the container beside its labels, by name: JSON as text, and of any other kind the name of the type.
    /// </summary>
    public CtrMap Extensions { get; set; } = [];

    /// <summary>The OCI runtime spec that its task starts with; null when containerd holds none.</summary>
    public CtrSpec? Spec { get; set; }

    /// <summary>When it was made, local time.</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>When its metadata last changed, local time.</summary>
    public DateTime UpdatedAt { get; set; }

    /// <summary>
    /// How its task ended that has stopped, or the last one that this module deleted; a <see cref="CtrLastExit"/>, which reads as <c>7, 2
    /// minutes ago</c>. Null when neither exists, or when another client
    /// deleted the task.
    /// </summary>
    public CtrExit? LastExit { get; set; }

    /// <summary>The container's name, or its id where it has no name.</summary>
    /// <returns>The name or id, which every cmdlet accepts instead of the object.</returns>
    public override string ToString() => Name ?? ContainerId;
}

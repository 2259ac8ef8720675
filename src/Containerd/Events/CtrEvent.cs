namespace Containerd;

/// <summary>
/// Something that happened in a daemon (events.v1 Envelope). The fields from <see cref="ContainerId"/> to <see cref="Error"/> are those of
/// libcontainerd's
/// EventInfo, with its meaning.
/// </summary>
[PipelineObject(
    nameof(Timestamp),
    nameof(Type),
    nameof(ContainerId),
    nameof(ProcessId),
    nameof(Pid),
    nameof(ExitCode),
    Key = new[] { nameof(Timestamp), nameof(Type), nameof(ContainerId) },
    Word = nameof(Type)
)]
public sealed class CtrEvent : EventArgs, ICtrContainerObject
{
    /// <summary>What happened.</summary>
    public CtrEventType Type { get; set; }

    /// <summary>The container that it happened to; empty for events of images, namespaces, snapshots and content.</summary>
    public string ContainerId { get; set; } = "";

    /// <summary>
    /// The process that it happened to: the container's id for its own process, an exec's id for an exec's; empty for Oom, Paused and
    /// Resumed, which
    /// happen to the whole container.
    /// </summary>
    public string ProcessId { get; set; } = "";

    /// <summary>The process id on the daemon's host; 0 where the event names none.</summary>
    public int Pid { get; set; }

    /// <summary>
    /// How the process ended, on Exit and Delete; null otherwise, and where the daemon itself no longer knows: then Error says why.
    /// </summary>
    public int? ExitCode { get; set; }

    /// <summary>When the process ended, local time; null as for the exit code.</summary>
    public DateTime? ExitedAt { get; set; }

    /// <summary>
    /// Whether a process of the container was killed for want of memory, in this event or earlier; it stays true until the container is
    /// removed.
    /// </summary>
    public bool OomKilled { get; set; }

    /// <summary>What is missing from this event, and why; null for nothing.</summary>
    public string? Error { get; set; }

    /// <summary>Whether the event itself was lost (the daemon was away) and this one was made from the daemon's state afterwards.</summary>
    public bool Reconciled { get; set; }

    /// <summary>The image, namespace, snapshot key or digest that it happened to; empty for events of containers and tasks.</summary>
    public string Name { get; set; } = "";

    /// <summary>
    /// What belongs to the event beside its fields: <c>Image</c>, <c>Runtime</c>, <c>Snapshotter</c>, <c>Parent</c>, <c>Size</c>, labels as
    /// <c>label:NAME</c>.
    /// </summary>
    public IDictionary<string, string> Details { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The topic that containerd published it under, such as <c>/tasks/exit</c>.</summary>
    public string Topic { get; set; } = "";

    /// <summary>When it happened, local time.</summary>
    public DateTime Timestamp { get; set; }

    /// <inheritdoc/>
    public string? Namespace { get; set; }

    /// <inheritdoc/>
    public CtrSession? Session { get; set; }

    /// <summary>What happened, and to whom.</summary>
    /// <returns>The type and the container or name.</returns>
    public override string ToString() => $"{Type} {(ContainerId.Length > 0 ? ContainerId : Name)}".TrimEnd();
}

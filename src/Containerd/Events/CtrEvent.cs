namespace Containerd;

/// <summary>
/// An event of a daemon (events.v1 Envelope). The properties from <see cref="ContainerId"/> to <see cref="Error"/> are those of
/// libcontainerd's EventInfo and have the same meaning.
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
    /// <summary>The type of the event.</summary>
    public CtrEventType Type { get; set; }

    /// <summary>The id of the container; empty for events of images, namespaces, snapshots and content.</summary>
    public string ContainerId { get; set; } = "";

    /// <summary>
    /// The id of the process: the container's id for its own process, an exec's id for an exec; empty for Oom, Paused and Resumed, which
    /// concern the whole container.
    /// </summary>
    public string ProcessId { get; set; } = "";

    /// <summary>The process id on the daemon's host; 0 if the event does not contain it.</summary>
    public int Pid { get; set; }

    /// <summary>
    /// The exit code of the process, for Exit and Delete; null otherwise, and null if the daemon itself no longer knows it: Error then
    /// contains the reason.
    /// </summary>
    public int? ExitCode { get; set; }

    /// <summary>The time at which the process exited, in local time; null under the same conditions as the exit code.</summary>
    public DateTime? ExitedAt { get; set; }

    /// <summary>
    /// Whether the kernel killed a process of the container because memory ran out, in this event or earlier. It stays true until the
    /// container is removed.
    /// </summary>
    public bool OomKilled { get; set; }

    /// <summary>The data that is missing from this event, and the reason; null if nothing is missing.</summary>
    public string? Error { get; set; }

    /// <summary>
    /// Whether the event itself was lost because the daemon was unavailable, and was reconstructed from the daemon's state afterwards.
    /// </summary>
    public bool Reconciled { get; set; }

    /// <summary>The image, namespace, snapshot key or digest; empty for events of containers and tasks.</summary>
    public string Name { get; set; } = "";

    /// <summary>
    /// Further data of the event: <c>Image</c>, <c>Runtime</c>, <c>Snapshotter</c>, <c>Parent</c>, <c>Size</c>, labels as
    /// <c>label:NAME</c>.
    /// </summary>
    public IDictionary<string, string> Details { get; set; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The topic of containerd's event, such as <c>/tasks/exit</c>.</summary>
    public string Topic { get; set; } = "";

    /// <summary>The time of the event, in local time.</summary>
    public DateTime Timestamp { get; set; }

    /// <inheritdoc/>
    public string? Namespace { get; set; }

    /// <inheritdoc/>
    public CtrSession? Session { get; set; }

    /// <summary>The event in a few words.</summary>
    /// <returns>The type and the container or name.</returns>
    public override string ToString() => $"{Type} {(ContainerId.Length > 0 ? ContainerId : Name)}".TrimEnd();
}

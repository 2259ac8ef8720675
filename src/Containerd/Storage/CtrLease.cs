namespace Containerd;

/// <summary>
/// A lease: the garbage collector keeps the resources that it holds, and everything that they refer to (leases.v1 Lease).
/// </summary>
[PipelineObject(nameof(Id), nameof(Resources), nameof(CreatedAt), nameof(ExpiresAt))]
public sealed class CtrLease : CtrObject
{
    /// <summary>Its id, as the <c>containerd-lease</c> header carries it.</summary>
    public string Id { get; set; } = "";

    /// <summary>The time of its creation, in local time.</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>
    /// The time at which it expires (the label <c>containerd.io/gc.expire</c>), in local time; null if it does not expire.
    /// </summary>
    public DateTime? ExpiresAt { get; set; }

    /// <summary>The container's name that the lease reserves; null for a lease of any other kind.</summary>
    public string? ContainerName { get; set; }

    /// <summary>The id of the container whose name the lease reserves; null for a lease of any other kind.</summary>
    public string? ContainerId { get; set; }

    /// <summary>Its labels.</summary>
    public CtrMap Labels { get; set; } = [];

    /// <summary>The resources that the lease itself holds (leases.v1 ListResources).</summary>
    public CtrLeaseResource[] Resources { get; set; } = [];

    /// <summary>The id of the lease.</summary>
    /// <returns>The id, which every cmdlet accepts instead of the object.</returns>
    public override string ToString() => Id;
}

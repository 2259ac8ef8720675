namespace Containerd;

/// <summary>A resource that a lease holds (leases.v1 Resource).</summary>
public sealed class CtrLeaseResource
{
    /// <summary>The type: <c>content</c>, <c>ingests</c>, <c>images</c>, or <c>snapshots/</c> and the name of the snapshotter.</summary>
    public string Type { get; set; } = "";

    /// <summary>The id: a digest, a reference or a name.</summary>
    public string Id { get; set; } = "";

    /// <summary>The resource.</summary>
    /// <returns>Type and id, separated by a space.</returns>
    public override string ToString() => $"{Type} {Id}";
}

namespace Containerd;

/// <summary>Something that a lease holds (leases.v1 Resource).</summary>
public sealed class CtrLeaseResource
{
    /// <summary>What it is: <c>content</c>, <c>ingests</c>, <c>images</c>, or <c>snapshots/</c> and the snapshotter.</summary>
    public string Type { get; set; } = "";

    /// <summary>Which one: a digest, a reference, a name.</summary>
    public string Id { get; set; } = "";

    /// <summary>The resource.</summary>
    /// <returns>Type and id, separated by a space.</returns>
    public override string ToString() => $"{Type} {Id}";
}

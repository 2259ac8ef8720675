namespace Containerd;

/// <summary>
/// One of containerd's own namespaces, which keep its clients apart (namespaces.v1 Namespace); the kernel's are something else.
/// </summary>
[PipelineObject(nameof(Name), nameof(Labels))]
public sealed class CtrNamespace
{
    /// <summary>Its name, such as <c>default</c> or <c>k8s.io</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>
    /// Its labels: <c>containerd.io/defaults/runtime</c> and <c>containerd.io/defaults/snapshotter</c> choose what is used there.
    /// </summary>
    public CtrMap Labels { get; set; } = [];

    /// <summary>How much is in it; null unless that was asked for.</summary>
    public CtrNamespaceCounts? Counts { get; set; }

    /// <summary>The session that it came from; null on an object made by hand, which means the default session.</summary>
    public CtrSession? Session { get; set; }

    /// <summary>The namespace's name.</summary>
    /// <returns>The name, which every cmdlet takes in the object's place.</returns>
    public override string ToString() => Name;
}

namespace Containerd;

/// <summary>
/// One of containerd's own namespaces, which separate its clients (namespaces.v1 Namespace). They are not related to those of the kernel.
/// </summary>
[PipelineObject(nameof(Name), nameof(Labels))]
public sealed class CtrNamespace
{
    /// <summary>Its name, such as <c>default</c> or <c>k8s.io</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>
    /// Its labels: <c>containerd.io/defaults/runtime</c> and <c>containerd.io/defaults/snapshotter</c> set the defaults of the namespace.
    /// </summary>
    public CtrMap Labels { get; set; } = [];

    /// <summary>The number of objects in it; null unless requested.</summary>
    public CtrNamespaceCounts? Counts { get; set; }

    /// <summary>The session that it came from; null on an object that the user created, which means the default session.</summary>
    public CtrSession? Session { get; set; }

    /// <summary>The namespace's name.</summary>
    /// <returns>The name, which every cmdlet accepts instead of the object.</returns>
    public override string ToString() => Name;
}

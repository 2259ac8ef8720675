namespace Containerd.Client;

/// <summary>The selected manifests whose layers are released.</summary>
/// <param name="Manifests">The digests of the manifests.</param>
/// <param name="Layers">The digests of their layers.</param>
/// <param name="Kept">A sentence for each manifest that is kept.</param>
public sealed record LayerSelection(IReadOnlyList<string> Manifests, IReadOnlyList<string> Layers, IReadOnlyList<string> Kept);

namespace Containerd.Client;

/// <summary>Which manifests of images release their layers.</summary>
/// <param name="Manifests">The digests of the manifests that do.</param>
/// <param name="Layers">The digests of their layers.</param>
/// <param name="Kept">A sentence for each manifest that does not.</param>
public sealed record LayerSelection(IReadOnlyList<string> Manifests, IReadOnlyList<string> Layers, IReadOnlyList<string> Kept);

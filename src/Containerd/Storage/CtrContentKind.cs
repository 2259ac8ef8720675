namespace Containerd;

/// <summary>What a blob is in an image, as far as the names and labels that refer to it tell.</summary>
public enum CtrContentKind
{
    /// <summary>Nothing says what it is.</summary>
    Unknown,

    /// <summary>A list of manifests for several platforms.</summary>
    Index,

    /// <summary>An image for one platform: which config and layers it has.</summary>
    Manifest,

    /// <summary>An image's config: command, environment, layers' digests.</summary>
    Config,

    /// <summary>A layer's archive.</summary>
    Layer,
}

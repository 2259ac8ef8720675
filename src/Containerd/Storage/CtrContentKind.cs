namespace Containerd;

/// <summary>The role of a blob in an image, as far as it is known from the names and labels that refer to it.</summary>
public enum CtrContentKind
{
    /// <summary>The role is not known.</summary>
    Unknown,

    /// <summary>A list of manifests for several platforms.</summary>
    Index,

    /// <summary>An image for one platform: its config and its layers.</summary>
    Manifest,

    /// <summary>An image's config: command, environment, layers' digests.</summary>
    Config,

    /// <summary>A layer's archive.</summary>
    Layer,
}

namespace Containerd;

/// <summary>When a container's image is pulled.</summary>
public enum CtrPullPolicy
{
    /// <summary>If the image, or part of it for the requested platform, is missing.</summary>
    Missing,

    /// <summary>Always: the tag is resolved by the registry, and only new content is fetched.</summary>
    Always,

    /// <summary>Never: a missing image is an error.</summary>
    Never,
}

namespace Containerd;

/// <summary>When a container's image is pulled.</summary>
public enum CtrPullPolicy
{
    /// <summary>When it is not there, or not all of it for the wanted platform.</summary>
    Missing,

    /// <summary>Each time: the registry says what the tag stands for now, and only what is new is fetched.</summary>
    Always,

    /// <summary>Never: an image that is not there is an error.</summary>
    Never,
}

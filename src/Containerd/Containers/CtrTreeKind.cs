namespace Containerd;

/// <summary>What a part of a <see cref="CtrTree"/> stands for.</summary>
public enum CtrTreeKind
{
    /// <summary>A session with a daemon.</summary>
    Session,

    /// <summary>A containerd namespace.</summary>
    Namespace,

    /// <summary>A container.</summary>
    Container,

    /// <summary>The image that a container was made from.</summary>
    Image,

    /// <summary>A container's read-write layer, or a layer below one.</summary>
    Snapshot,

    /// <summary>A directory of the host that a container runs in, in an image's place.</summary>
    Rootfs,

    /// <summary>What runs in a container, or ended there.</summary>
    Task,

    /// <summary>A further process in a running container.</summary>
    Exec,
}

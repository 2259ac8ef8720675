namespace Containerd;

/// <summary>The kind of object that a node of a <see cref="CtrTree"/> represents.</summary>
public enum CtrTreeKind
{
    /// <summary>A session with a daemon.</summary>
    Session,

    /// <summary>A containerd namespace.</summary>
    Namespace,

    /// <summary>A container.</summary>
    Container,

    /// <summary>The image that a container was created from.</summary>
    Image,

    /// <summary>A container's read-write layer, or a layer below one.</summary>
    Snapshot,

    /// <summary>A directory of the host that a container uses instead of an image.</summary>
    Rootfs,

    /// <summary>The task of a container, running or stopped.</summary>
    Task,

    /// <summary>A network that a container is attached to.</summary>
    Network,

    /// <summary>Ports of the host that are forwarded to a container.</summary>
    Port,

    /// <summary>An additional process in a running container.</summary>
    Exec,
}

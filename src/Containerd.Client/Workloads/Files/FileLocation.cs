using Containerd.Client.Images;
using Containerd.Host.Files;

namespace Containerd.Client;

/// <summary>A path on one side of a copy: in a container, or on this machine.</summary>
public sealed class FileLocation
{
    private FileLocation(ImageScope? ns, string? containerId, byte[] path) => (Namespace, ContainerId, Path) = (ns, containerId, path);

    /// <summary>The namespace of the container; null for a path of this machine.</summary>
    internal ImageScope? Namespace { get; }

    /// <summary>The container; null for a path of this machine.</summary>
    public string? ContainerId { get; }

    /// <summary>The absolute Linux path.</summary>
    internal byte[] Path { get; }

    /// <summary>A path of this machine.</summary>
    /// <param name="path">The absolute path.</param>
    /// <returns>The location.</returns>
    /// <exception cref="CtrArgumentException">It cannot be a path (InvalidPath).</exception>
    public static FileLocation OnHost(string path) => new(null, null, FileName.Parse(path));

    /// <summary>A path in a container.</summary>
    /// <param name="ns">The namespace of the container.</param>
    /// <param name="containerId">The id of the container.</param>
    /// <param name="path">The path from the container's root, with or without a leading slash.</param>
    /// <returns>The location.</returns>
    /// <exception cref="CtrArgumentException">It cannot be a path (InvalidPath).</exception>
    internal static FileLocation In(ImageScope ns, string containerId, string path) => In(ns, containerId, FileName.Parse(path));

    /// <summary>The path, with the container's id and a colon if it is in one.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => ContainerId is null ? FileName.Show(Path) : $"{ContainerId}:{FileName.Show(Path)}";

    internal static FileLocation In(ImageScope ns, string containerId, byte[] path)
    {
        ArgumentNullException.ThrowIfNull(ns);
        return new(ns, ContainerdNames.Require(containerId, "container"), FileName.Join("/"u8, path.AsSpan().TrimStart((byte)'/')));
    }
}

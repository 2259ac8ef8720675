using Containerd.Client.Records;
using Containerd.Client.Storage;
using Containerd.Client.Transport;

namespace Containerd.Client.Images;

/// <summary>Adds images.</summary>
internal sealed class ImageScope : StorageScope
{
    internal ImageScope(DaemonConnection connection, string name, string? lease = null, NamespaceState? state = null)
        : base(connection, name, lease, state)
    {
        ImageNames = new ImageNames(this);
        UnpackablePlatforms = new UnpackablePlatforms(this);
        Images = new ImageStore(this);
    }

    /// <summary>The names of images.</summary>
    internal ImageNames ImageNames { get; }

    /// <summary>The platforms that snapshotters can unpack.</summary>
    internal UnpackablePlatforms UnpackablePlatforms { get; }

    /// <summary>The images.</summary>
    internal ImageStore Images { get; }
}

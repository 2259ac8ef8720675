using Containerd.Client.Records;
using Containerd.Client.Storage;
using Containerd.Client.Transport;

namespace Containerd.Client.Images;

/// <summary>Adds images.</summary>
internal sealed class ImageScope : StorageScope
{
    internal ImageScope(DaemonConnection connection, string name, string? lease = null, NamespaceState? state = null)
        : base(connection, name, lease, state) => Images = new ImageStore(this);

    /// <summary>The images.</summary>
    internal ImageStore Images { get; }
}

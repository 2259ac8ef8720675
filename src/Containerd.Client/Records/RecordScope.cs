using Containerd.Client.Daemon;
using Containerd.Client.Transport;

namespace Containerd.Client.Records;

/// <summary>
/// The stored data of the daemon: one independent class for each service. All operations on images and containers use these.
/// </summary>
internal class RecordScope : NamespaceScope
{
    internal RecordScope(DaemonConnection connection, string name, string? lease = null, NamespaceState? state = null)
        : base(connection, name, lease)
    {
        State = state ?? new NamespaceState();
        Daemon = new DaemonServices(connection);
        ContainerRecords = new ContainerRecords(this);
        TaskRecords = new TaskRecords(this);
        ImageRecords = new ImageRecords(this);
    }

    /// <summary>The client's state of the namespace, shared by all its views.</summary>
    internal NamespaceState State { get; }

    /// <summary>The daemon's plugins, runtimes and namespaces.</summary>
    internal DaemonServices Daemon { get; }

    /// <summary>The metadata of containers.</summary>
    internal ContainerRecords ContainerRecords { get; }

    /// <summary>The tasks.</summary>
    internal TaskRecords TaskRecords { get; }

    /// <summary>The names of images and what they point to.</summary>
    internal ImageRecords ImageRecords { get; }
}

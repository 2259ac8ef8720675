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

    /// <summary>A container's own process.</summary>
    internal InitProcess Init(string containerId) => new(this, containerId);

    /// <summary>The process of an exec.</summary>
    internal ExecProcess Exec(string containerId, string execId) => new(this, containerId, execId);

    /// <summary>The process of an exec, or a container's own.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="execId">The exec; null for the container's own process.</param>
    internal ContainerProcess Process(string containerId, string? execId) =>
        string.IsNullOrEmpty(execId) ? Init(containerId) : Exec(containerId, execId);
}

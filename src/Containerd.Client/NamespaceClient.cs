using Containerd.Client.Images;

namespace Containerd.Client;

/// <summary>The operations in one containerd namespace of one daemon.</summary>
public sealed class NamespaceClient
{
    internal NamespaceClient(ContainerdClient client, string name)
        : this(client, name, null, null) { }

    private NamespaceClient(ContainerdClient client, string name, string? lease, NamespaceClient? origin)
    {
        Client = client;
        Scope = new ImageScope(client.Connection, name, lease, origin?.Scope.State);
        Logs = new(Scope);
        Specs = new(Scope);
        Names = new(Scope);
        Tasks = new(Scope, Logs, (id, start, cancellationToken) => Checkpoints!.StartAsync(id, start, cancellationToken));
        Execs = new(Scope, Logs, Specs, Tasks);
        Containers = new(Scope, Logs, Names, Specs, Tasks, Execs);
        Checkpoints = new(Scope, Containers, Tasks);
        Stats = new(Scope);
        Processes = new(Scope);
        Readiness = new(Scope, Logs, Tasks);
        // All views of a namespace share one stream to the daemon.
        Events = origin?.Events ?? new(Scope);
        Storage = new(Scope);
        Files = new(Scope);
        Networks = new(Scope);
        Volumes = new(Scope);
        Cleanup = new(Scope, Containers, Volumes, Networks);
    }

    /// <summary>The connection.</summary>
    public ContainerdClient Client { get; }

    /// <summary>The namespace, and the services of the layers below the workloads.</summary>
    internal ImageScope Scope { get; }

    /// <summary>The containerd namespace.</summary>
    public string Namespace => Scope.Namespace;

    /// <summary>
    /// The lease that holds objects that are created through this object, unless a call specifies another one; null for none.
    /// </summary>
    public string? Lease => Scope.Lease;

    /// <summary>The session of objects that are returned.</summary>
    public CtrSession Session => Client.Session;

    /// <summary>Its containers' metadata.</summary>
    public ContainerStore Containers { get; }

    /// <summary>Its containers' names.</summary>
    public ContainerNames Names { get; }

    /// <summary>The tasks of its containers.</summary>
    public TaskService Tasks { get; }

    /// <summary>Additional processes in running containers.</summary>
    public ExecService Execs { get; }

    /// <summary>What tasks use.</summary>
    public StatsService Stats { get; }

    /// <summary>All processes of tasks.</summary>
    public ProcessService Processes { get; }

    /// <summary>Waits for a line of a log, an open port, or health.</summary>
    public ReadinessService Readiness { get; }

    /// <summary>Checkpoints of tasks, and their restore.</summary>
    public CheckpointService Checkpoints { get; }

    /// <summary>What tasks wrote.</summary>
    public TaskLogs Logs { get; }

    /// <summary>Builds specs.</summary>
    public SpecService Specs { get; }

    /// <summary>The events of the namespace.</summary>
    public EventService Events { get; }

    /// <summary>Its images.</summary>
    public ImageStore Images => Scope.Images;

    /// <summary>Its blobs.</summary>
    public ContentStore Content => Scope.Content;

    /// <summary>Its snapshots.</summary>
    public SnapshotStore Snapshots => Scope.Snapshots;

    /// <summary>Its leases.</summary>
    public LeaseStore Leases => Scope.Leases;

    /// <summary>The disk usage of its images, blobs and snapshots.</summary>
    public StorageService Storage { get; }

    /// <summary>The files of its containers.</summary>
    public FileService Files { get; }

    /// <summary>The networks for its containers.</summary>
    public NetworkService Networks { get; }

    /// <summary>Its volumes.</summary>
    public VolumeService Volumes { get; }

    /// <summary>Removes everything that is not in use.</summary>
    public StorageCleanupService Cleanup { get; }

    /// <summary>
    /// Returns a view of the namespace that uses a lease: it holds objects that are created, and operations that need a temporary lease use
    /// it.
    /// </summary>
    /// <param name="lease">The id of the lease.</param>
    /// <returns>The view.</returns>
    public NamespaceClient WithLease(string lease) => new(Client, Namespace, lease, this);
}

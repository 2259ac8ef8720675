using Containerd.Client.Images;

namespace Containerd.Client;

/// <summary>What can be done in one containerd namespace of one daemon.</summary>
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
        Readiness = new(Scope, Logs);
        // One stream to the daemon for all views of a namespace.
        Events = origin?.Events ?? new(Scope);
        Storage = new(Scope);
        Files = new(Scope);
    }

    /// <summary>The connection.</summary>
    public ContainerdClient Client { get; }

    /// <summary>The namespace, and what the layers below the workloads offer in it.</summary>
    internal ImageScope Scope { get; }

    /// <summary>The containerd namespace.</summary>
    public string Namespace => Scope.Namespace;

    /// <summary>The lease that holds what is made through this object, unless a call names another; null for none.</summary>
    public string? Lease => Scope.Lease;

    /// <summary>The session that objects from here carry.</summary>
    public CtrSession Session => Client.Session;

    /// <summary>Its containers' metadata.</summary>
    public ContainerStore Containers { get; }

    /// <summary>Its containers' names.</summary>
    public ContainerNames Names { get; }

    /// <summary>What runs in its containers.</summary>
    public TaskService Tasks { get; }

    /// <summary>Further processes in running containers.</summary>
    public ExecService Execs { get; }

    /// <summary>What tasks use.</summary>
    public StatsService Stats { get; }

    /// <summary>All processes of tasks.</summary>
    public ProcessService Processes { get; }

    /// <summary>Waits for a line of a log, or for an open port.</summary>
    public ReadinessService Readiness { get; }

    /// <summary>Tasks saved, and brought back.</summary>
    public CheckpointService Checkpoints { get; }

    /// <summary>What tasks wrote.</summary>
    public TaskLogs Logs { get; }

    /// <summary>Builds specs.</summary>
    public SpecService Specs { get; }

    /// <summary>What happens in it.</summary>
    public EventService Events { get; }

    /// <summary>Its images.</summary>
    public ImageStore Images => Scope.Images;

    /// <summary>Its blobs.</summary>
    public ContentStore Content => Scope.Content;

    /// <summary>Its snapshots.</summary>
    public SnapshotStore Snapshots => Scope.Snapshots;

    /// <summary>Its leases.</summary>
    public LeaseStore Leases => Scope.Leases;

    /// <summary>What its images, blobs and snapshots take.</summary>
    public StorageService Storage { get; }

    /// <summary>The files of its containers.</summary>
    public FileService Files { get; }

    /// <summary>
    /// The same namespace, under a lease: it holds what is made there, and what needs a lease for a while makes none of its own.
    /// </summary>
    /// <param name="lease">The lease's id.</param>
    /// <returns>What can be done under it.</returns>
    public NamespaceClient WithLease(string lease) => new(Client, Namespace, lease, this);
}

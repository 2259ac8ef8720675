using Grpc.Core;

namespace Containerd.Client;

/// <summary>What can be done in one containerd namespace of one daemon.</summary>
public sealed class NamespaceClient
{
    internal NamespaceClient(ContainerdClient client, string name, string? lease = null)
    {
        Client = client;
        Namespace = name;
        Lease = lease;
        Containers = new(this);
        Names = new(this);
        Tasks = new(this);
        Execs = new(this);
        Stats = new(this);
        Processes = new(this);
        Checkpoints = new(this);
        Logs = new(this);
        Specs = new(this);
        Events = new(this);
        Oom = new(this);
        Images = new(this);
        Content = new(this);
        Snapshots = new(this);
        Leases = new(this);
        Storage = new(this);
        Files = new(this);
    }

    /// <summary>The connection.</summary>
    public ContainerdClient Client { get; }

    /// <summary>The containerd namespace.</summary>
    public string Namespace { get; }

    /// <summary>The lease that holds what is made through this object, unless a call names another; null for none.</summary>
    public string? Lease { get; }

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

    /// <summary>Tasks saved, and brought back.</summary>
    public CheckpointService Checkpoints { get; }

    /// <summary>What tasks wrote.</summary>
    public TaskLogs Logs { get; }

    /// <summary>Builds specs.</summary>
    public SpecService Specs { get; }

    /// <summary>What happens in it.</summary>
    public EventService Events { get; }

    /// <summary>What is known of kills because memory ran out.</summary>
    internal OomKills Oom { get; }

    /// <summary>Its images.</summary>
    public ImageStore Images { get; }

    /// <summary>Its blobs.</summary>
    public ContentStore Content { get; }

    /// <summary>Its snapshots.</summary>
    public SnapshotStore Snapshots { get; }

    /// <summary>Its leases.</summary>
    public LeaseStore Leases { get; }

    /// <summary>What its images, blobs and snapshots take.</summary>
    public StorageService Storage { get; }

    /// <summary>The files of its containers.</summary>
    public FileService Files { get; }

    /// <summary>Marks an object as belonging to this session and namespace.</summary>
    internal T Own<T>(T item) where T : CtrObject
    {
        item.Session = Session;
        item.Namespace = Namespace;
        return item;
    }

    /// <summary>The same namespace, under a lease: it holds what is made there, and what needs a lease for a while makes none of its own.</summary>
    /// <param name="lease">The lease's id.</param>
    /// <returns>What can be done under it.</returns>
    public NamespaceClient Under(string lease) => new(Client, Namespace, lease);

    internal CallInvoker Calls(string? lease = null) => Client.Calls(Namespace, lease ?? Lease);
}

namespace Containerd.Client;

/// <summary>The tasks of a namespace by container, as one Tasks.List found them.</summary>
public sealed class TaskIndex
{
    /// <summary>How long a listing of containers waits for their tasks: a shim that does not answer must not hide the containers.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Dictionary<string, CtrTask> _tasks;

    /// <summary>Makes an index.</summary>
    /// <param name="tasks">The tasks.</param>
    public TaskIndex(IReadOnlyList<CtrTask> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        Tasks = tasks;
        _tasks = tasks.ToDictionary(static t => t.ContainerId, StringComparer.Ordinal);
    }

    /// <summary>The tasks, in the order of the list.</summary>
    public IReadOnlyList<CtrTask> Tasks { get; }

    /// <summary>Reads the tasks of containers that were listed.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The index; an empty one if the daemon has the containers and does not answer about their tasks.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public static async Task<TaskIndex> ReadAsync(NamespaceClient ns, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ns);
        using var patience = new CancellationTokenSource(Patience);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            return await ns.Tasks.IndexAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrRuntimeException or CtrTimeoutException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return new TaskIndex([]);
        }
    }

    /// <summary>A container's task.</summary>
    /// <param name="containerId">The container.</param>
    /// <returns>The task; null if the container has none.</returns>
    public CtrTask? Find(string containerId) => _tasks.GetValueOrDefault(containerId);

    /// <summary>Adds to a container what its task shows: a stopped one that is not deleted yet is the container's last exit.</summary>
    /// <param name="container">The container.</param>
    public void Complete(CtrContainer container)
    {
        ArgumentNullException.ThrowIfNull(container);
        if (Find(container.ContainerId) is not { Status: CtrStatus.Stopped } task)
            return;
        container.LastExit = new CtrLastExit
        {
            ContainerId = task.ContainerId,
            Pid = task.Pid,
            ExitCode = task.ExitCode,
            ExitedAt = task.ExitedAt,
            OomKilled = task.OomKilled,
            Namespace = task.Namespace,
            Session = task.Session,
        };
    }
}

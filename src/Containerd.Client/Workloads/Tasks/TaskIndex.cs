using Containerd.Client.Records;

namespace Containerd.Client;

/// <summary>The tasks of a namespace by container, from one Tasks.List.</summary>
public sealed class TaskIndex
{
    private readonly Dictionary<string, CtrTask> _tasks;

    /// <summary>An index that says nothing of any container, for a daemon that does not return its tasks.</summary>
    internal static readonly TaskIndex Unknown = new([]);

    /// <summary>Creates an index.</summary>
    /// <param name="tasks">The tasks.</param>
    public TaskIndex(IReadOnlyList<CtrTask> tasks)
    {
        ArgumentNullException.ThrowIfNull(tasks);
        Tasks = tasks;
        _tasks = tasks.ToDictionary(static t => t.ContainerId, StringComparer.Ordinal);
    }

    /// <summary>The tasks, in the order of the list.</summary>
    public IReadOnlyList<CtrTask> Tasks { get; }

    /// <summary>A container's task.</summary>
    /// <param name="containerId">The container.</param>
    /// <returns>The task; null if the container has none.</returns>
    public CtrTask? Find(string containerId) => _tasks.GetValueOrDefault(containerId);

    /// <summary>
    /// Adds the data of its task to a container: its status and start; a stopped task that is not deleted yet is its last exit.
    /// </summary>
    /// <param name="container">The container.</param>
    public void Complete(CtrContainer container)
    {
        ArgumentNullException.ThrowIfNull(container);
        if (this == Unknown)
            return;
        var task = Find(container.ContainerId);
        container.StartedAt = task?.StartedAt;
        container.IsRestarting = RestartLabels.IsRestarting(container, task);
        container.Status = task?.Status ?? (container.LastExit is null ? CtrStatus.Created : CtrStatus.Stopped);
        if (task is not { Status: CtrStatus.Stopped })
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

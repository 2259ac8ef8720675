using Containerd.Client.Records;
using Containerd.Host.Processes;

namespace Containerd.Client.Workloads.Tasks;

/// <summary>What containerd does not report with a task: its start, and the image and command of its container.</summary>
internal sealed class TaskDetails(RecordScope ns)
{
    /// <summary>Adds the start of those that run, if the kernel of this machine runs them.</summary>
    internal void AddStarts(IEnumerable<CtrTask> tasks)
    {
        if (!OperatingSystem.IsLinux() || ns.Connection.LocalDaemon is not { } daemon || !daemon.SharesProcessIds())
            return;
        foreach (var task in tasks.Where(t => t.Status is CtrStatus.Running or CtrStatus.Paused or CtrStatus.Pausing))
            task.StartedAt = ProcessMark.StartOf(task.Pid);
    }

    /// <summary>Adds the data of their containers, with one list.</summary>
    internal async Task AddContainersAsync(IReadOnlyList<CtrTask> tasks, CancellationToken cancellationToken)
    {
        if (tasks.Count == 0)
            return;
        var containers = (await ns.ContainerRecords.ListAsync(cancellationToken).ConfigureAwait(false)).ToDictionary(
            c => c.ContainerId,
            StringComparer.Ordinal
        );
        foreach (var task in tasks)
            Add(task, containers.GetValueOrDefault(task.ContainerId));
    }

    /// <summary>Adds the data of its container.</summary>
    internal async Task AddContainerAsync(CtrTask task, CancellationToken cancellationToken)
    {
        try
        {
            Add(task, await ns.ContainerRecords.GetAsync(task.ContainerId, cancellationToken).ConfigureAwait(false));
        }
        catch (CtrNotFoundException)
        {
            // A task may outlive the metadata of its container.
        }
    }

    private static void Add(CtrTask task, CtrContainer? container)
    {
        task.Image = container?.Image ?? "";
        task.Command = container?.Command ?? [];
    }
}

using Containerd.Client.Records;
using Containerd.Host;

namespace Containerd.Client.Workloads.Readiness;

/// <summary>
/// The exit of the task that a wait is for. It is awaited from the beginning: a task can be deleted right after its exit.
/// </summary>
internal sealed class TaskEnd
{
    /// <summary>The time limit for the daemon to report an exit that is known to have happened.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly RecordScope _ns;
    private readonly string _containerId;

    /// <summary>Begins to wait for the exit of a container's current task.</summary>
    /// <param name="ns">The namespace of the container.</param>
    /// <param name="tasks">The tasks of the namespace.</param>
    /// <param name="containerId">The container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal TaskEnd(RecordScope ns, TaskService tasks, string containerId, CancellationToken cancellationToken)
    {
        (_ns, _containerId) = (ns, containerId);
        Exit = tasks.WaitAsync(containerId, null, cancellationToken);
        _ = Exit.ContinueWith(static t => t.Exception, TaskScheduler.Default);
    }

    /// <summary>The exit. A failure means that the task was removed before this wait for it began.</summary>
    internal Task<CtrExit> Exit { get; }

    /// <summary>The error of a wait for a task that has exited, or is not the container's task any more.</summary>
    /// <param name="expected">What was expected, in words that follow "before".</param>
    /// <param name="last">The last line that was read, if the wait reads a log.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal async Task<CtrProcessExitedException> ErrorAsync(string expected, LogLine? last, CancellationToken cancellationToken)
    {
        await Task.WhenAny(Exit, Task.Delay(Patience, cancellationToken)).ConfigureAwait(false);
        if (Exit.IsCompletedSuccessfully)
            return ReadinessErrors.Exited(await Exit.ConfigureAwait(false), null, expected, last);
        var task = await _ns.TaskRecords.FindAsync(_containerId, cancellationToken).ConfigureAwait(false);
        var how = task is null ? "was removed" : "was replaced by another one";
        return ReadinessErrors.Exited(_ns.Stamp(new CtrExit { ContainerId = _containerId }), how, expected, last);
    }
}

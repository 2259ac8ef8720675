using System.Runtime.Versioning;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Host;
using Containerd.Host.Processes;

namespace Containerd.Client.Workloads.Readiness;

/// <summary>Waits until a process listens on a port in the network namespace of a container's task.</summary>
[SupportedOSPlatform("linux")]
internal sealed class PortWait(RecordScope ns, TaskService tasks, string containerId, int port)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    internal async Task RunAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(cancellationToken);
        deadline.Start(timeout);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token);
        try
        {
            var daemon = await DaemonHost.RequireAsync(ns.Connection, ReadinessErrors.ReadPorts, null, waiting.Token).ConfigureAwait(false);
            if (!daemon.SharesProcessIds())
                throw DaemonElsewhere.Error(ns.Connection, ReadinessErrors.ReadPorts, "numbers processes in a namespace of its own");
            var task = await ns.TaskRecords.GetAsync(containerId, waiting.Token).ConfigureAwait(false);
            var end = new TaskEnd(ns, tasks, containerId, waiting.Token);
            if (task.Status == CtrStatus.Stopped)
                throw await EndedAsync(end, waiting.Token).ConfigureAwait(false);
            while (!await IsOpenAsync(task, daemon, end, waiting.Token).ConfigureAwait(false))
            {
                await Task.WhenAny(end.Exit, Task.Delay(Pause, waiting.Token)).ConfigureAwait(false);
                waiting.Token.ThrowIfCancellationRequested();
                if (end.Exit.IsCompleted)
                    throw await EndedAsync(end, waiting.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (deadline.IsOver)
        {
            throw ReadinessErrors.PortTimedOut(containerId, port, timeout);
        }
        finally
        {
            await waiting.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task<bool> IsOpenAsync(CtrTask task, LocalDaemon daemon, TaskEnd end, CancellationToken cancellationToken)
    {
        var sockets = ListeningSockets.Of(task.Pid, port);
        if (sockets.Count == 0)
            return false;
        // Any process of the host can listen there; which one does is seen by its open files.
        if (
            ListeningSockets.SharesNetwork(task.Pid, daemon.Pid)
            && !(await ProcessesAsync(cancellationToken).ConfigureAwait(false)).Any(pid => ListeningSockets.Holds(pid, sockets))
        )
            return false;
        // Process ids are used again. What was read belongs to the task if that process is still its own.
        var now = await ns.TaskRecords.FindAsync(containerId, cancellationToken).ConfigureAwait(false);
        return now is not null and not { Status: CtrStatus.Stopped } && now.Pid == task.Pid
            ? true
            : throw await EndedAsync(end, cancellationToken).ConfigureAwait(false);
    }

    private async Task<IEnumerable<int>> ProcessesAsync(CancellationToken cancellationToken) =>
        (
            await ns
                .TaskRecords.Stub.ListPidsAsync(new() { ContainerId = containerId }, cancellationToken: cancellationToken)
                .TranslateErrors(Resource.Task, containerId)
                .ConfigureAwait(false)
        ).Processes.Select(process => (int)process.Pid);

    private Task<CtrProcessExitedException> EndedAsync(TaskEnd end, CancellationToken cancellationToken) =>
        end.ErrorAsync($"a process in it listened on TCP port {port}", null, cancellationToken);
}

using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Stats;
using Containerd.Host.Errors;
using Containerd.Host.Processes;
using Google.Protobuf;
using WireTasks = Containerd.Client.Wire.Tasks;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client;

/// <summary>The processes in containers (Tasks.ListPids).</summary>
public sealed class ProcessService
{
    private readonly RecordScope _ns;

    internal ProcessService(RecordScope ns) => _ns = ns;

    /// <summary>Lists the processes of a container's task. A process that exits in the meantime is omitted.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The processes, by process id.</returns>
    /// <exception cref="CtrNotFoundException">The container does not exist (ContainerNotFound), or has no task (TaskNotFound).</exception>
    /// <exception cref="CtrConflictException">The task has ended (TaskNotRunning).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrProcessInfo>> ListAsync(string containerId, CancellationToken cancellationToken = default)
    {
        var task = await RunningAsync(containerId, cancellationToken).ConfigureAwait(false);
        WireTasks.ListPidsResponse reply;
        try
        {
            reply = await new WireTasks.Tasks.TasksClient(_ns.Calls())
                .ListPidsAsync(new() { ContainerId = containerId }, cancellationToken: cancellationToken)
                .TranslateErrors(Resource.Task, containerId)
                .ConfigureAwait(false);
        }
        catch (CtrException e) when (!e.IsUnanswered())
        {
            // It may have exited in between, which is more informative than a message of the runtime.
            await RunningAsync(containerId, cancellationToken).ConfigureAwait(false);
            throw;
        }

        var host =
            _ns.Connection.LocalDaemon is { } daemon && OperatingSystem.IsLinux() && daemon.SharesProcessIds()
                ? new HostProcesses(task.Pid)
                : null;
        var processes = new List<CtrProcessInfo>(reply.Processes.Count);
        foreach (var wire in reply.Processes.OrderBy(p => p.Pid))
        {
            var process = FromWire(wire, task);
            if (host is null || !OperatingSystem.IsLinux() || host.Complete(process))
                processes.Add(process);
        }

        return processes;
    }

    private async Task<CtrTask> RunningAsync(string containerId, CancellationToken cancellationToken)
    {
        var task = await _ns.TaskRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        return task.Status == CtrStatus.Stopped ? throw ProcessErrors.NotRunning(task) : task;
    }

    private CtrProcessInfo FromWire(WireTypes.ProcessInfo wire, CtrTask task)
    {
        var process = _ns.Stamp(
            new CtrProcessInfo
            {
                ContainerId = task.ContainerId,
                Pid = (int)wire.Pid,
                IsInit = wire.Pid == task.Pid,
            }
        );
        AddDetails(wire, process);
        return process;
    }

    /// <summary>Adds the details that the shim reports about a process.</summary>
    internal static void AddDetails(WireTypes.ProcessInfo wire, CtrProcessInfo process)
    {
        try
        {
            switch (wire.Info?.Kind())
            {
                case "containerd.runc.v1.ProcessDetails":
                    process.ExecId = NullIfEmpty(Wire.Runc.ProcessDetails.Parser.ParseFrom(wire.Info.Value).ExecId);
                    break;
                case "containerd.runhcs.v1.ProcessDetails":
                    AddWindows(Wire.Runhcs.ProcessDetails.Parser.ParseFrom(wire.Info.Value), process);
                    break;
                default:
                    // Details of another runtime: the process still exists.
                    break;
            }
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new CtrDataException(
                $"The details that the shim of container '{process.ContainerId}' reports for process {process.Pid} cannot be read: "
                    + $"{e.Message}",
                e
            )
            {
                ErrorId = ErrorIds.ProcessDetailsInvalid,
                Subject = process.ContainerId,
            };
        }
    }

    private static void AddWindows(Wire.Runhcs.ProcessDetails wire, CtrProcessInfo process)
    {
        process.ExecId = NullIfEmpty(wire.ExecId);
        process.Name = wire.ImageName;
        process.StartTime = wire.CreatedAt.Local();
        process.KernelTime = new TimeSpan(wire.KernelTime100Ns.Count());
        process.UserTime = new TimeSpan(wire.UserTime100Ns.Count());
        process.CpuTime = process.KernelTime + process.UserTime;
        process.Commit = wire.MemoryCommitBytes.Count();
        process.PrivateWorkingSet = wire.MemoryWorkingSetPrivateBytes.Count();
        process.WorkingSet = (wire.MemoryWorkingSetPrivateBytes + wire.MemoryWorkingSetSharedBytes).Count();
    }

    private static string? NullIfEmpty(string text) => text.Length > 0 ? text : null;
}

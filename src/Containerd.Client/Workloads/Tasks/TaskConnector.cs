using Containerd.Client.Records;
using Containerd.Client.Transport;
using Grpc.Core;

namespace Containerd.Client.Workloads.Tasks;

/// <summary>Finds the tasks that other clients started, with their streams and execs.</summary>
internal sealed class TaskConnector(RecordScope ns, TaskLogs logs)
{
    /// <inheritdoc cref="TaskService.ConnectAsync"/>
    internal async Task<CtrTaskConnection> ConnectAsync(string containerId, CancellationToken cancellationToken)
    {
        var container = await ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        var connection = ns.Stamp(new CtrTaskConnection { ContainerId = containerId });
        try
        {
            if (await ns.TaskRecords.FindAsync(containerId, cancellationToken).ConfigureAwait(false) is not CtrTask task)
                return connection;
            connection.Task = task;
            connection.Alive = task.Status != CtrStatus.Stopped;
            connection.Pid = connection.Alive ? task.Pid : 0;
            connection.Status = task.Status;
            connection.HasInput = connection.Alive && task.Stdin.Length > 0 && ns.Connection.Address.IsLocal && File.Exists(task.Stdin);
            connection.HasOutput = logs.Has(container, task);
            if (connection.Alive)
                connection.Execs = [.. await new RunningExecs(ns).ListAsync(containerId, cancellationToken).ConfigureAwait(false)];
        }
        catch (CtrException e) when (e is CtrNotFoundException || (e.InnerException is RpcException rpc && rpc.IsShimLoss()))
        {
            // The shim died: its resources are removed, or about to be.
            connection.Alive = false;
            connection.Pid = 0;
            connection.Status = CtrStatus.Unknown;
            connection.HasInput = false;
        }

        return connection;
    }
}

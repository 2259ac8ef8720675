using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Host.Errors;
using Grpc.Core;

namespace Containerd.Client;

public sealed partial class TaskService
{
    /// <summary>
    /// Finds the task that another client started in a container (libcontainerd's Restore): whether it is alive, its pid, its streams and
    /// its running execs. It holds no resources, so it can be called repeatedly.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The connection; not alive if there is no task, or its shim no longer exists.</returns>
    /// <exception cref="CtrNotFoundException">The container does not exist (ContainerNotFound).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrTaskConnection> ConnectAsync(string containerId, CancellationToken cancellationToken = default)
    {
        var container = await _ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        var connection = _ns.Own(new CtrTaskConnection { ContainerId = containerId });
        try
        {
            if (await FindAsync(containerId, cancellationToken).ConfigureAwait(false) is not CtrTask task)
                return connection;
            connection.Task = task;
            connection.Alive = task.Status != CtrStatus.Stopped;
            connection.Pid = connection.Alive ? task.Pid : 0;
            connection.Status = task.Status;
            connection.HasInput = connection.Alive && task.Stdin.Length > 0 && _ns.Connection.Address.IsLocal && File.Exists(task.Stdin);
            connection.HasOutput = _logs.Has(container, task);
            if (connection.Alive)
                connection.Execs = [.. await new RunningExecs(_ns).ListAsync(containerId, cancellationToken).ConfigureAwait(false)];
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

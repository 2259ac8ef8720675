using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Host.Errors;
using Grpc.Core;

namespace Containerd.Client;

public sealed partial class TaskService
{
    /// <summary>
    /// Finds what somebody else started in a container (libcontainerd's Restore): whether it lives, its pid, its streams and its running
    /// execs. Nothing is held
    /// by it, so it may be asked as often as one likes.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>What there is; not alive where there is no task, or its shim is gone.</returns>
    /// <exception cref="CtrNotFoundException">There is no such container (ContainerNotFound).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrTaskConnection> ConnectAsync(string containerId, CancellationToken cancellationToken = default)
    {
        var container = await _ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        var connection = _ns.Stamp(new CtrTaskConnection { ContainerId = containerId });
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
            // The shim died: what it held is gone, or will be in a moment.
            connection.Alive = false;
            connection.Pid = 0;
            connection.Status = CtrStatus.Unknown;
            connection.HasInput = false;
        }

        return connection;
    }
}

using Containerd.Client.Transport;
using Grpc.Core;
using WireTasks = Containerd.Client.Wire.Tasks;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client.Records;

/// <summary>A container's own process, whose end is the end of the task.</summary>
internal sealed class InitProcess(RecordScope ns, string containerId) : ContainerProcess(ns, containerId)
{
    internal override string? ExecId => null;

    internal override string Name => ContainerId;

    internal override string Subject => $"The task of container '{ContainerId}'";

    private protected override Resource Kind => Resource.Task;

    internal override async Task<WireTypes.Process> GetExistingAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await GetAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (CtrNotFoundException)
        {
            throw await Scope.TaskRecords.MissingAsync(ContainerId, cancellationToken).ConfigureAwait(false);
        }
    }

    internal override async Task<WireTypes.Process> GetToEndAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await GetExistingAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (CtrNotFoundException e) when (e.ErrorId == ErrorIds.TaskNotFound)
        {
            throw ProcessErrors.NothingToEnd(ContainerId);
        }
    }

    internal override Task KillAsync(CancellationToken cancellationToken) => KillAsync(CtrSignal.Kill.Number, all: true, cancellationToken);

    private protected override AsyncUnaryCall<WireTasks.DeleteResponse> SendDelete(CancellationToken cancellationToken) =>
        Stub.DeleteAsync(new() { ContainerId = ContainerId }, cancellationToken: cancellationToken);

    private protected override Task<WireTasks.WaitResponse> AwaitExitAsync(CancellationToken cancellationToken) =>
        Stub.WaitAsync(new() { ContainerId = ContainerId }, cancellationToken: cancellationToken).ResponseAsync;
}

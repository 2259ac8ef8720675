using Containerd.Client.Records;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Workloads.Containers;

/// <summary>
/// What fails when the restart monitor starts containers. It reports errors only to containerd's log; those of the helper program, which
/// sets up the network and the log of a task, are in files.
/// </summary>
internal sealed class RestartFailures(RecordScope ns, TaskLogs logs)
{
    /// <summary>
    /// The error of a container that is to be started again, or of the log of one that was; null if none is recorded.
    /// </summary>
    internal string? Of(CtrContainer container)
    {
        if (!RestartLabels.IsMonitored(container.Labels) || !ns.Connection.Address.IsLocal)
            return null;
        return
            container.Status != CtrStatus.Running
            && ContainerNetworks.RequestOf(container.Spec) is { } request
            && NetworkFailure.ReadFile(request.Folders, request.Attachment) is { } failure
            ? failure.Message
            : logs.LastErrorOf(container);
    }
}

using Containerd.Client.Records;
using Containerd.Client.Transport;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client.Workloads.Events;

/// <summary>A process in the daemon's state.</summary>
/// <param name="ContainerId">The container.</param>
/// <param name="ProcessId">The id of the exec, or of the container for its own process.</param>
/// <param name="Pid">Its process id on the daemon's host; 0 if it has none.</param>
/// <param name="Status">Its status; Unknown if its shim does not answer.</param>
/// <param name="ExitCode">Its exit code, if it has exited.</param>
/// <param name="ExitedAt">The time of its exit, in local time.</param>
internal sealed record ProcessReport(
    string ContainerId,
    string ProcessId,
    int Pid,
    CtrStatus Status,
    int ExitCode = 0,
    DateTime? ExitedAt = null
)
{
    internal bool IsAlive => Pid > 0 && Status is CtrStatus.Running or CtrStatus.Paused or CtrStatus.Pausing;

    internal static ProcessReport From(string containerId, string processId, WireTypes.Process process) =>
        new(
            containerId,
            processId,
            (int)process.Pid,
            TaskRecords.StatusOf(process.Status),
            unchecked((int)process.ExitStatus),
            process.ExitedAt.Local()
        );
}

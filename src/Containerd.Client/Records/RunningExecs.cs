using Containerd.Client.Transport;
using WireRunc = Containerd.Client.Wire.Runc;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client.Records;

/// <summary>The execs of tasks, from data of the daemon and of this machine: the daemon lists only running ones.</summary>
internal sealed class RunningExecs(RecordScope ns)
{
    /// <summary>
    /// The running execs of a task, by exec id (Tasks.ListPids). Their command lines are known only on the daemon's own host.
    /// </summary>
    internal async Task<IReadOnlyList<CtrProcess>> ListAsync(string containerId, CancellationToken cancellationToken)
    {
        var reply = await ns
            .TaskRecords.Stub.ListPidsAsync(new() { ContainerId = containerId }, cancellationToken: cancellationToken)
            .TranslateErrors(Resource.Task, containerId)
            .ConfigureAwait(false);
        var execs = new List<CtrProcess>();
        foreach (var info in reply.Processes)
        {
            if (info.Info is not { } any || any.TypeUrl != WireRunc.ProcessDetails.Descriptor.FullName)
                continue;
            var execId = WireRunc.ProcessDetails.Parser.ParseFrom(any.Value).ExecId;
            var pid = (int)info.Pid;
            execs.Add(
                ns.Stamp(
                    new CtrProcess
                    {
                        ContainerId = containerId,
                        ExecId = execId,
                        Pid = pid,
                        Status = CtrStatus.Running,
                        Command = CommandOf(pid) ?? [],
                    }
                )
            );
        }

        return [.. execs.OrderBy(e => e.ExecId, StringComparer.Ordinal)];
    }

    /// <summary>Whether an exec has not exited, as far as the daemon knows.</summary>
    internal static async Task<bool> RunsAsync(ExecProcess exec, CancellationToken cancellationToken)
    {
        try
        {
            return (await exec.GetAsync(cancellationToken).ConfigureAwait(false)).Status != WireTypes.Status.Stopped;
        }
        catch (CtrException)
        {
            return false;
        }
    }

    /// <summary>The command line of a process of this machine; null if it cannot be read.</summary>
    private string[]? CommandOf(int pid)
    {
        try
        {
            return OperatingSystem.IsLinux() && ns.Connection.Address.IsLocal
                ? File.ReadAllText($"/proc/{pid}/cmdline").TrimEnd('\0').Split('\0')
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// Lists the processes in containers, with data from the daemon's host. Corresponds to libcontainerd's ListPids and Summary.
/// </summary>
[Cmdlet(VerbsCommon.Get, "CtrProcess", DefaultParameterSetName = ContainerCmdlet.ById)]
[OutputType(typeof(CtrProcessInfo))]
public sealed class GetCtrProcessCommand : ContainerFilterCmdlet
{
    protected override void ProcessRecord()
    {
        if (ParameterSetName != ContainerCmdlet.ById)
        {
            foreach (var item in Objects)
                TryPerSession(item, () => Write(Resolve(item), item.ContainerId, item));
            return;
        }

        foreach (var id in Id)
        {
            TryPerSession(id, () =>
            {
                var ns = Resolve();
                if (WildcardPattern.ContainsWildcardCharacters(id))
                    WriteMatching(ns, id);
                else
                    Write(ns, ContainerIdOf(ns, id), null);
            });
        }
    }

    private void WriteMatching(NamespaceClient ns, string id)
    {
        var tasks = Await(ns.Tasks.IndexAsync).Tasks;
        var matches = Await(cancellationToken => new ContainerPattern(id).TestAsync(ns, cancellationToken));
        foreach (var task in tasks)
        {
            if (task.Status == CtrStatus.Stopped || !matches(task.ContainerId))
                continue;
            try
            {
                Write(ns, task.ContainerId, null);
            }
            catch (CtrException e) when (e.ErrorId is ErrorIds.TaskNotRunning or ErrorIds.TaskNotFound or ErrorIds.ContainerNotFound)
            {
                // It has just exited, and the user did not specify it by name.
            }
            catch (CtrException e) when (ErrorRecords.IsAboutOneItem(e))
            {
                WriteError(ErrorRecords.From(e, task));
            }
        }
    }

    /// <summary>Writes the processes of one container; for an exec only its process, for a process only that process.</summary>
    private void Write(NamespaceClient ns, string id, ICtrContainerObject? item)
    {
        foreach (var process in Await(cancellationToken => ns.Processes.ListAsync(id, cancellationToken)))
        {
            var wanted = item switch
            {
                CtrProcess exec => process.ExecId == exec.ExecId,
                CtrProcessInfo one => process.Pid == one.Pid,
                _ => true,
            };
            if (wanted)
                WriteObject(process);
        }
    }
}

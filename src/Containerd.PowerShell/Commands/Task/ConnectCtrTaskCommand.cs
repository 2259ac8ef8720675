using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Finds what an earlier PowerShell, or another client, started in containers (libcontainerd's Restore): whether it lives, its pid, its streams, its running
/// execs. Get-CtrLog then reads its output, Send-CtrInput writes to its input; a container without a task is not alive, and no error.
/// </summary>
[Cmdlet(VerbsCommunications.Connect, "CtrTask", DefaultParameterSetName = ById)]
[OutputType(typeof(CtrTaskConnection))]
public sealed class ConnectCtrTaskCommand : ContainerCmdlet
{
    protected override void ProcessRecord() => ForEachContainer(target =>
        WriteObject(Await(cancellation => target.Namespace.Tasks.ConnectAsync(target.Id, cancellation))));
}

using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Tests whether containers are running.</summary>
[Cmdlet(VerbsDiagnostic.Test, "CtrTask", DefaultParameterSetName = ById)]
[OutputType(typeof(bool))]
public sealed class TestCtrTaskCommand : ContainerCmdlet
{
    protected override void ProcessRecord() =>
        ForEachContainer(target =>
            WriteObject(Await(cancellationToken => target.Namespace.Tasks.IsRunningAsync(target.Id, cancellationToken)))
        );
}

using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Makes containers, from an image, a directory or a full spec (libcontainerd's Create). Nothing runs in them until Start-CtrTask.</summary>
[Cmdlet(VerbsCommon.New, "CtrContainer", SupportsShouldProcess = true)]
[OutputType(typeof(CtrContainer))]
public sealed class NewCtrContainerCommand : ContainerCreationCmdlet
{
    /// <summary>Ids for the new containers: letters, digits and single '.', '_', '-' between them, at most 76 characters.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [IdTransformation]
    [AllowEmptyString]
    public string[] Id { get; set; } = [];

    protected override void ProcessRecord()
    {
        foreach (var id in Id)
        {
            Try(id, () =>
            {
                var creation = Creation(id);
                var containers = Resolve().Containers;
                if (ShouldProcess(id, "Create container"))
                    WriteObject(Await(cancellation => containers.CreateAsync(creation, cancellation)));
            });
        }
    }
}

using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Makes containers, from an image, a directory or a full spec (libcontainerd's Create). Nothing runs in them until Start-CtrTask.</summary>
[Cmdlet(VerbsCommon.New, "CtrContainer", SupportsShouldProcess = true)]
[OutputType(typeof(CtrContainer))]
public sealed class NewCtrContainerCommand : ContainerCreationCmdlet
{
    /// <summary>Ids for the new containers: letters, digits and single '.', '_', '-' between them, at most 76 characters.</summary>
    [Parameter(Position = 0)]
    [IdTransformation]
    [AllowEmptyString]
    public string[] Id { get; set; } = [];

    /// <summary>Ids from the pipeline; every word of the command line is the command's then.</summary>
    [Parameter(ValueFromPipeline = true)]
    [IdTransformation]
    [AllowEmptyString]
    public string[] InputObject { get; set; } = [];

    private protected override IReadOnlyList<object?> Words => NewIds.Words(Id, Command, MyInvocation);

    protected override void ProcessRecord()
    {
        foreach (var id in NewIds.Of(Id, InputObject, MyInvocation))
        {
            Try(id, () =>
            {
                var creation = Creation(NewIds.Require(id));
                var containers = Resolve().Containers;
                if (ShouldProcess(id, "Create container"))
                    WriteObject(Await(cancellation => containers.CreateAsync(creation, cancellation)));
            });
        }
    }
}

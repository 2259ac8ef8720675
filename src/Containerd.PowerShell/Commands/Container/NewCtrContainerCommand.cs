using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Makes containers, from an image, a directory or a full spec (libcontainerd's Create). Nothing runs in them until Start-CtrTask.</summary>
[Cmdlet(VerbsCommon.New, "CtrContainer", SupportsShouldProcess = true)]
[OutputType(typeof(CtrContainer))]
public sealed class NewCtrContainerCommand : ContainerCreationCmdlet, IThrottled
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

    /// <summary>How many containers are made at a time. With 1, the default, one comes after the other; above that they come as they are there.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    [PSDefaultValue(Help = "1")]
    public int ThrottleLimit { get; set; } = 1;

    private protected override IReadOnlyList<object?> Words => NewIds.Words(Id, Command, MyInvocation);

    protected override void ProcessRecord()
    {
        foreach (var id in NewIds.Of(Id, InputObject, MyInvocation))
        {
            TryPerSession(id, () =>
            {
                var creation = Creation(NewIds.Require(id, MyInvocation));
                var containers = Resolve().Containers;
                if (ShouldProcess(id, "Create container"))
                    Do(id, cancellation => containers.CreateAsync(creation, cancellation), container =>
                    {
                        WriteVerbose($"Created container {container.ContainerId} of {(container.Image is { Length: > 0 } image ? image : "a root directory")} in namespace {container.Namespace}.");
                        WriteObject(container);
                    });
            });
        }
    }
}

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

    /// <summary>
    /// Specifies ids from the pipeline, or images that Get-CtrImage returns. If the pipeline brings ids, every word of the command line belongs to the command; if it brings images, the first
    /// word is the id.
    /// </summary>
    [Parameter(ValueFromPipeline = true)]
    [IdTransformation(typeof(CtrImage), "a container or an image", "Name")]
    [AllowEmptyString]
    public object[] InputObject { get; set; } = [];

    /// <summary>How many containers are made at a time. With 1, the default, one comes after the other; above that they come as they are there.</summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    [PSDefaultValue(Help = "1")]
    public int ThrottleLimit { get; set; } = 1;

    private protected override IReadOnlyList<object?> Words => PipedImages().Any() ? Command : NewIds.Words(Id, Command, MyInvocation);

    protected override void ProcessRecord()
    {
        foreach (var image in PipedImages().Cast<CtrImage?>().DefaultIfEmpty(null))
        {
            foreach (var id in image is null ? NewIds.Of(Id, PipedIds(), MyInvocation) : Id.Length > 0 ? Id : [""])
                TryPerSession(id, () => Create(id, image));
        }
    }

    private void Create(string id, CtrImage? image)
    {
        var creation = Creation(NewIds.Require(id, MyInvocation, isPiped: image is null && MyInvocation.ExpectingInput), image);
        var containers = Resolve(image).Containers;
        if (ShouldProcess(id, "Create container"))
            Do(id, cancellation => containers.CreateAsync(creation, cancellation), container =>
            {
                WriteVerbose($"Created container {container.ContainerId} of {(container.Image is { Length: > 0 } name ? name : "a root directory")} in namespace {container.Namespace}.");
                WriteObject(container);
            });
    }

    private IEnumerable<CtrImage> PipedImages() => InputObject.Select(item => item is PSObject wrapped ? wrapped.BaseObject : item).OfType<CtrImage>();

    private string[] PipedIds() => [.. InputObject.Select(item => LanguagePrimitives.ConvertTo<string>(item))];
}

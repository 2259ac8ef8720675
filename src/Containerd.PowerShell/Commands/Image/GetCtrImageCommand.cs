using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Lists the images of a namespace.</summary>
[Cmdlet(VerbsCommon.Get, "CtrImage", DefaultParameterSetName = ImageCmdlet.ByName)]
[OutputType(typeof(CtrImage))]
public sealed class GetCtrImageCommand : LabelListCmdlet
{
    // A container has a name too, which must not be taken for an image's.
    private const string OfContainer = "Container";

    /// <summary>
    /// Names, in full or short (busybox is docker.io/library/busybox:latest); wildcards are allowed. Without any, all images.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ImageCmdlet.ByName)]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [IdTransformation(typeof(CtrImage), "an image", "Name", Also = typeof(CtrContainerObject), AcceptsRows = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = "*")]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Images, to be looked at anew where they are from.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ImageCmdlet.ByObject)]
    [ValidateNotNull]
    public CtrImage[] InputObject { get; set; } = [];

    /// <summary>Specifies containers, or tasks of them, whose images are returned: what the name of the image refers to now.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = OfContainer)]
    [ValidateNotNull]
    public CtrContainerObject[] Container { get; set; } = [];

    /// <summary>Reads what each image says of itself too: Config, History and Layers.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <summary>
    /// The platform that -Detailed tells of, such as linux/arm64; without it the best one that the daemon's machine runs, else the image's
    /// first.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Platform { get; set; }

    protected override void ProcessRecord()
    {
        if (ParameterSetName == OfContainer)
        {
            foreach (var container in Container)
                TryPerSession(container, () => Find(Resolve(container), container));
            return;
        }

        if (ParameterSetName == ImageCmdlet.ByObject)
        {
            foreach (var image in InputObject)
                TryPerSession(image, () => Find(Resolve(image).Images, image.Name));
            return;
        }

        foreach (var name in Name)
            TryPerSession(name, () => Find(Resolve().Images, name));
    }

    private void Find(NamespaceClient ns, CtrContainerObject container)
    {
        var name = (
            container as CtrContainer ?? Await(cancellationToken => ns.Containers.GetAsync(container.ContainerId, cancellationToken))
        ).Image;
        if (name.Length == 0)
            throw new CtrNotFoundException($"Container '{container.ContainerId}' was created without an image.")
            {
                ErrorId = ErrorIds.ContainerWithoutImage,
                Subject = container.ContainerId,
            };
        Find(ns.Images, name);
    }

    private void Find(ImageStore images, string name)
    {
        var pattern = ImageNames.IsPattern(name);
        var one = pattern ? null : Await(cancellationToken => images.GetAsync(name, cancellationToken));
        var found =
            one is not null && Label is null && Filter is null
                ? [one]
                : Await(cancellationToken =>
                    images.ListAsync(StoreFilter, one is null ? ImageNames.Matcher(name) : other => other == one.Name, cancellationToken)
                );
        foreach (var image in found)
        {
            if (!Detailed && Platform is null)
                WriteObject(image);
            else
                Try(image, () => WriteObject(Await(cancellationToken => images.DetailAsync(image, Platform, cancellationToken))));
        }
    }
}

using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Lists the images of a namespace.</summary>
[Cmdlet(VerbsCommon.Get, "CtrImage", DefaultParameterSetName = ImageCmdlet.ByName)]
[OutputType(typeof(CtrImage))]
public sealed class GetCtrImageCommand : LabelListCmdlet
{
    // A container has a name too, which must not be mistaken for that of an image.
    private const string OfContainer = "Container";

    /// <summary>
    /// Specifies the images, by full or short name (busybox is docker.io/library/busybox:latest); wildcards are permitted. By default, all
    /// images are returned.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ImageCmdlet.ByName)]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [IdTransformation(typeof(CtrImage), "an image", "Name", Also = typeof(CtrContainerObject), AcceptsRows = true)]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = "*")]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Specifies images, whose current state is read again from the daemon that they came from.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ImageCmdlet.ByObject)]
    [ValidateNotNull]
    public CtrImage[] InputObject { get; set; } = [];

    /// <summary>Specifies containers, or tasks of containers, whose images are returned: the image that the name refers to now.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = OfContainer)]
    [ValidateNotNull]
    public CtrContainerObject[] Container { get; set; } = [];

    /// <summary>Indicates that the properties Config, History and Layers are filled in from the content of each image.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <summary>
    /// Specifies the platform that -Detailed describes, such as linux/arm64. The default is the best platform that the daemon's machine can
    /// run, or else the first platform of the image.
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

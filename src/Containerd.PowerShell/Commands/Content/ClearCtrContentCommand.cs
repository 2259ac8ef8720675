using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Removes compressed layer blobs of images that are already unpacked.</summary>
[Cmdlet(
    VerbsCommon.Clear,
    "CtrContent",
    DefaultParameterSetName = ImageCmdlet.ByName,
    SupportsShouldProcess = true,
    ConfirmImpact = ConfirmImpact.Medium
)]
[OutputType(typeof(CtrContent))]
public sealed class ClearCtrContentCommand : SessionCmdlet
{
    private const string Action = "Release the layers of the manifest";

    private readonly List<(NamespaceClient Namespace, string Name)> _images = [];

    /// <summary>
    /// Specifies the images whose layers are released, by full or short name; wildcards are permitted. Layers that another image needs
    /// stay, with a warning. By default, the layers of all images are released.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ImageCmdlet.ByName)]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [IdTransformation(typeof(CtrImage), "an image", "Name")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Specifies the images whose layers are released, as Get-CtrImage returns them.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ImageCmdlet.ByObject)]
    [ValidateNotNull]
    public CtrImage[] InputObject { get; set; } = [];

    /// <summary>
    /// Indicates that the layers of images that are not unpacked are released too. These images cannot run until they are pulled or
    /// imported again.
    /// </summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>
    /// Indicates that the command does not wait until the garbage collector has freed the space. It returns nothing then.
    /// </summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var image in InputObject)
            TryPerSession(image, () =>
                _images.Add(
                    (Resolve(image), Await(cancellationToken => Resolve(image).Images.FindNameAsync(image.Name, cancellationToken)))
                )
            );
        foreach (var name in Name)
            TryPerSession(name, () => Find(Resolve(), name));
        if (ParameterSetName == ImageCmdlet.ByName && Name.Length == 0)
            TryPerSession(null, () => ClearAll(Resolve()));
    }

    // For images that share a layer, all images that release it are known only at the end.
    protected override void EndProcessing()
    {
        foreach (var group in _images.GroupBy(i => (i.Namespace.Client, i.Namespace.Namespace)))
            Try(group.Key.Namespace, () => Clear(group.First().Namespace, [.. group.Select(i => i.Name).Distinct()]));
    }

    private void Find(NamespaceClient ns, string name)
    {
        if (!ImageNames.IsPattern(name))
            _images.Add((ns, Await(cancellationToken => ns.Images.FindNameAsync(name, cancellationToken))));
        else
            _images.AddRange(Await(ns.Images.NamesAsync).Where(ImageNames.Matcher(name)).Select(match => (ns, match)));
    }

    private void Clear(NamespaceClient ns, List<string> images)
    {
        var layers = ns.Storage.Layers;
        var found = Await(cancellationToken => layers.FindAsync(images, Force, cancellationToken));
        foreach (var reason in found.Kept)
            WriteWarning(reason);
        if (!Release(ns, layers, found.Manifests) || NoWait)
            return;
        foreach (var reason in Await(cancellationToken => layers.KeptAsync(found, images, cancellationToken)))
            WriteWarning(reason);
    }

    private void ClearAll(NamespaceClient ns)
    {
        var layers = ns.Storage.Layers;
        Release(ns, layers, Await(cancellationToken => layers.FindAsync(Force, cancellationToken)));
    }

    private bool Release(NamespaceClient ns, LayerRelease layers, IReadOnlyList<string> manifests)
    {
        WriteVerbose($"Found {manifests.Count} manifests in namespace {ns.Namespace} whose layers can be released.");
        List<string> chosen = [.. manifests.Where(manifest => ShouldProcess($"{manifest} ({ns.Namespace})", Action))];
        if (chosen.Count == 0)
            return false;
        WriteObject(
            AwaitShown($"Clearing {ns.Namespace}", (progress, cancellationToken) =>
                layers.ReleaseAsync(chosen, !NoWait, progress, cancellationToken)
            ),
            enumerateCollection: true
        );
        return true;
    }
}

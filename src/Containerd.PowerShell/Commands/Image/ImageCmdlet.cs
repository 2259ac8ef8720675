using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>A cmdlet that acts on images, specified by name or as objects.</summary>
public abstract class ImageCmdlet : SessionCmdlet
{
    internal const string ByName = "Name";
    internal const string ByObject = "InputObject";

    /// <summary>
    /// Specifies the images, by full or short name (busybox is docker.io/library/busybox:latest); wildcards are permitted.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [IdTransformation(typeof(CtrImage), "an image", "Name")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Specifies images, as Get-CtrImage and Import-CtrImage return them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CtrImage[] InputObject { get; set; } = [];

    /// <summary>Runs the action for each image of this record; each failure is a separate error.</summary>
    /// <returns>Whether all succeeded.</returns>
    internal bool ForEachImage(Action<NamespaceClient, string> work)
    {
        var succeeded = true;
        foreach (var image in InputObject)
            succeeded &= TryPerSession(image, () => work(Resolve(image), image.Name));
        foreach (var name in Name)
        {
            succeeded &= TryPerSession(name, () =>
            {
                var ns = Resolve();
                if (!ImageNames.IsPattern(name))
                    work(ns, name);
                else
                    foreach (var match in Await(ns.Images.NamesAsync).Where(ImageNames.Matcher(name)).ToList())
                        succeeded &= Try(match, () => work(ns, match));
            });
        }

        return succeeded;
    }

    /// <summary>Rejects -AllPlatforms together with -Platform.</summary>
    internal static void RequireOneChoice(bool allPlatforms, string[] platforms)
    {
        if (allPlatforms && platforms.Length > 0)
            throw new CtrArgumentException("-AllPlatforms and -Platform cannot be combined.") { ErrorId = ErrorIds.PlatformAmbiguous };
    }
}

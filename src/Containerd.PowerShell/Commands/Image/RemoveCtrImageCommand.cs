using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Removes images. The content and snapshots that nothing else needs are gone when the command returns.</summary>
[Cmdlet(VerbsCommon.Remove, "CtrImage", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
public sealed class RemoveCtrImageCommand : SessionCmdlet
{
    private const string ByName = "Name";
    private const string ByObject = "InputObject";

    /// <summary>Names, in full or short; wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [IdTransformation(typeof(CtrImage), "an image", "Name")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Images as Get-CtrImage and Import-CtrImage give them.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CtrImage[] InputObject { get; set; } = [];

    /// <summary>Does not wait until the garbage collector has freed the space.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var image in InputObject) Try(image, () => Remove(Resolve(image), image.Name, image));
        foreach (var name in Name)
        {
            Try(name, () =>
            {
                var ns = Resolve();
                if (!ImageNames.IsPattern(name))
                {
                    Remove(ns, name, name);
                    return;
                }

                var matches = ImageNames.Matcher(name);
                foreach (var match in Await(ns.Images.NamesAsync).Where(matches)) Try(match, () => Remove(ns, match, match));
            });
        }
    }

    private void Remove(NamespaceClient ns, string name, object target)
    {
        var image = Await(cancellation => ns.Images.FindNameAsync(name, cancellation));
        if (!ShouldProcess($"{image} ({ns.Namespace})", "Remove image")) return;
        var users = Await(cancellation => ns.Images.UsersAsync(image, cancellation));
        if (users.Count > 0) WriteWarning($"The image '{image}' is removed, but containers were made from it: {string.Join(", ", users)}. They keep their layers.");
        Try(target, () => Await(cancellation => ns.Images.RemoveAsync(image, !NoWait, cancellation)));
    }
}

using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Lists the images of a namespace.</summary>
[Cmdlet(VerbsCommon.Get, "CtrImage")]
[OutputType(typeof(CtrImage))]
public sealed class GetCtrImageCommand : SessionCmdlet
{
    /// <summary>Names, in full or short (busybox is docker.io/library/busybox:latest); wildcards are allowed. Without any, all images.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [IdTransformation(typeof(CtrImage), "an image", "Name")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    protected override void ProcessRecord()
    {
        foreach (var name in Name)
        {
            Try(name, () =>
            {
                var images = Resolve().Images;
                if (ImageNames.IsPattern(name)) WriteObject(Await(cancellation => images.ListAsync(ImageNames.Matcher(name), cancellation)), enumerateCollection: true);
                else WriteObject(Await(cancellation => images.GetAsync(name, cancellation)));
            });
        }
    }
}

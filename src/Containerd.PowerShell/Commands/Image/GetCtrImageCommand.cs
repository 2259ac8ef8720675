using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Lists the images of a namespace.</summary>
[Cmdlet(VerbsCommon.Get, "CtrImage")]
[OutputType(typeof(CtrImage))]
public sealed class GetCtrImageCommand : LabelQueryCmdlet
{
    /// <summary>Names, in full or short (busybox is docker.io/library/busybox:latest); wildcards are allowed. Without any, all images.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [IdTransformation(typeof(CtrImage), "an image", "Name")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <summary>Reads what each image says of itself too: Config, History and Layers.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <summary>The platform that -Detailed tells of, such as linux/arm64; without it the best one that the daemon's machine runs, else the image's first.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Platform { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var name in Name)
        {
            TryPerSession(name, () =>
            {
                var images = Resolve().Images;
                var pattern = ImageNames.IsPattern(name);
                var one = pattern ? null : Await(cancellation => images.GetAsync(name, cancellation));
                var found = one is not null && Label is null && Filter is null
                    ? [one]
                    : Await(cancellation => images.ListAsync(StoreFilter, one is null ? ImageNames.Matcher(name) : other => other == one.Name, cancellation));
                foreach (var image in found)
                {
                    if (!Detailed && Platform is null) WriteObject(image);
                    else Try(image, () => WriteObject(Await(cancellation => images.DetailAsync(image, Platform, cancellation))));
                }
            });
        }
    }
}

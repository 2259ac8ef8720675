using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Changes labels of images, and adds names to images.</summary>
[Cmdlet(VerbsCommon.Set, "CtrImage", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(CtrImage))]
public sealed class SetCtrImageCommand : ImageCmdlet
{
    /// <summary>
    /// Specifies labels to set. They belong to the name in containerd, and not to the image's config. Specify a hashtable, or strings such
    /// as app=web. A null value, or an empty one, removes the label.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    /// <summary>
    /// Specifies additional names for the image, in full or short. They refer to the same content and have the same labels.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Tag { get; set; }

    /// <summary>Indicates that -Tag may take over a name that another image has.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Returns the changed image and the images of the additional names. By default, this command returns nothing.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void BeginProcessing()
    {
        if (Label is null && Tag is null)
        {
            ThrowTerminatingError(
                ErrorRecords.From(
                    new CtrArgumentException("No change is specified.")
                    {
                        ErrorId = ErrorIds.NothingToChange,
                        Remedy = "Specify labels with -Label, or additional names with -Tag.",
                    },
                    null
                )
            );
        }
    }

    protected override void ProcessRecord() =>
        ForEachImage(
            (ns, name) =>
            {
                var image = Await(cancellationToken => ns.Images.FindNameAsync(name, cancellationToken));
                if (Label is not null && ShouldProcess($"{image} ({ns.Namespace})", "Change labels"))
                {
                    var changed = Await(cancellationToken => ns.Images.UpdateLabelsAsync(image, StringMap.From(Label), cancellationToken));
                    if (PassThru)
                        WriteObject(changed);
                }

                if (Tag is not null && ShouldProcess($"{image} ({ns.Namespace})", $"Tag image as {string.Join(", ", Tag)}"))
                {
                    var tagged = Await(cancellationToken => ns.Images.TagAsync(image, Tag, Force, cancellationToken));
                    if (PassThru)
                        WriteObject(tagged, enumerateCollection: true);
                }
            }
        );
}

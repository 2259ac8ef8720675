using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Changes labels of images in containerd, and gives images further names.</summary>
[Cmdlet(VerbsCommon.Set, "CtrImage", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
[OutputType(typeof(CtrImage))]
public sealed class SetCtrImageCommand : ImageCmdlet
{
    /// <summary>
    /// Specifies labels to set. They belong to the name in containerd, and not to the image's config. Give a hashtable, or texts such as
    /// app=web. A null value, or an empty one, removes the label.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    /// <summary>Further names for the image, in full or short: they lead to the same content, and have the same labels.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Tag { get; set; }

    /// <summary>Lets -Tag take a name from another image.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Gives the changed image and those of the further names.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void BeginProcessing()
    {
        if (Label is null && Tag is null)
        {
            ThrowTerminatingError(
                ErrorRecords.From(
                    new CtrArgumentException("There is nothing to change.")
                    {
                        ErrorId = ErrorIds.NothingToChange,
                        Remedy = "Give labels with -Label, or further names with -Tag.",
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

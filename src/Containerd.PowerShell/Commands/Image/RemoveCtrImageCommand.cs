using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Removes images.</summary>
[Cmdlet(VerbsCommon.Remove, "CtrImage", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
public sealed class RemoveCtrImageCommand : ImageCmdlet, IThrottled
{
    /// <summary>Indicates that an image is removed even if containers were created from it. The containers keep their files.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>
    /// Indicates that the command waits until the garbage collector has freed the space. This is the default; the switch lets a script
    /// state it explicitly.
    /// </summary>
    [Parameter]
    public SwitchParameter Synchronous { get; set; }

    /// <summary>Indicates that the command does not wait until the garbage collector has freed the space.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <inheritdoc cref="RegistryCmdlet.ThrottleLimit"/>
    [Parameter]
    [ValidateRange(1, 1000)]
    [PSDefaultValue(Help = "1")]
    public int ThrottleLimit { get; set; } = 1;

    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (NoWait && Synchronous)
            ThrowTerminatingError(
                ErrorRecords.From(
                    ConflictingParameters.Error("-Synchronous and -NoWait cannot be combined.", "Use only one of them."),
                    null
                )
            );
    }

    protected override void ProcessRecord() =>
        ForEachImage(
            (ns, name) =>
            {
                var image = Await(cancellationToken => ns.Images.FindNameAsync(name, cancellationToken));
                if (!ShouldProcess($"{image} ({ns.Namespace})", "Remove image"))
                    return;
                Do(image, async cancellationToken =>
                {
                    await ns.Images.RemoveAsync(image, Force, !NoWait, cancellationToken).ConfigureAwait(false);
                    await PostAsync(() => WriteVerbose($"Removed image {image} from namespace {ns.Namespace}."), cancellationToken)
                        .ConfigureAwait(false);
                });
            }
        );
}

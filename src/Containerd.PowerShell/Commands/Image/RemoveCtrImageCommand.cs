using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Removes images. The content and snapshots that nothing else needs are gone when the command returns. An image that containers were made
/// from stays, unless
/// -Force is given.
/// </summary>
[Cmdlet(VerbsCommon.Remove, "CtrImage", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
public sealed class RemoveCtrImageCommand : ImageCmdlet, IThrottled
{
    /// <summary>Removes an image although containers were made from it; they keep their files.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Waits until the garbage collector has freed the space: the default, for a script that wants to say so.</summary>
    [Parameter]
    public SwitchParameter Synchronous { get; set; }

    /// <summary>Does not wait until the garbage collector has freed the space.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <summary>
    /// How many images are worked on at a time. With 1, the default, one comes after the other; above that results come as they are there.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 1000)]
    [PSDefaultValue(Help = "1")]
    public int ThrottleLimit { get; set; } = 1;

    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (NoWait && Synchronous)
            ThrowTerminatingError(
                ErrorRecords.From(ConflictingParameters.Error("-Synchronous waits, and -NoWait does not.", "Give one of them."), null)
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

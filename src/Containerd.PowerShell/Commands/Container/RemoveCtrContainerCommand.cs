using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Removes containers with their read-write layer, their output and their stopped task. Corresponds to libcontainerd's Delete.
/// </summary>
[Cmdlet(VerbsCommon.Remove, "CtrContainer", DefaultParameterSetName = ById, SupportsShouldProcess = true)]
public sealed class RemoveCtrContainerCommand : ThrottledContainerCmdlet
{
    /// <summary>Indicates that a running task is killed first.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            if (ShouldProcess(target.Shown, "Remove container"))
            {
                Do(target.Subject, async cancellationToken =>
                {
                    await target.Namespace.Containers.RemoveAsync(target.Id, Force, cancellationToken).ConfigureAwait(false);
                    await PostAsync(
                            () => WriteVerbose($"Removed container {target.Id} from namespace {target.Namespace.Namespace}."),
                            cancellationToken
                        )
                        .ConfigureAwait(false);
                });
            }
        });
}

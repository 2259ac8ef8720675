using System.Management.Automation;
using Containerd.Client;

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

    /// <summary>
    /// Indicates that the anonymous volumes that were created for the container are removed too, unless other containers use them. By
    /// default, they are kept, and a warning names them. Volumes with a name are always kept.
    /// </summary>
    [Parameter]
    public SwitchParameter RemoveVolume { get; set; }

    protected override void ProcessRecord() =>
        ForEachContainer(target =>
        {
            if (ShouldProcess(target.Shown, "Remove container"))
            {
                Do(target.Subject, async cancellationToken =>
                {
                    var options = new ContainerRemoveOptions { Force = Force, RemoveVolumes = RemoveVolume };
                    var kept = await target.Namespace.Containers.RemoveAsync(target.Id, options, cancellationToken).ConfigureAwait(false);
                    await PostAsync(
                            () =>
                            {
                                WriteVerbose($"Removed container {target.Id} from namespace {target.Namespace.Namespace}.");
                                Report(target.Shown, kept);
                            },
                            cancellationToken
                        )
                        .ConfigureAwait(false);
                });
            }
        });

    /// <summary>Names the anonymous volumes that remain: nothing else refers to them.</summary>
    private void Report(string container, IReadOnlyList<string> kept)
    {
        if (kept.Count == 0)
            return;
        var names = string.Join(", ", kept);
        if (RemoveVolume)
            WriteWarning($"Other containers use anonymous volumes of container '{container}', which were kept: {names}.");
        else if (MyInvocation.BoundParameters.ContainsKey(nameof(RemoveVolume)))
            WriteVerbose($"Kept the anonymous volumes of container '{container}': {names}.");
        else
            WriteWarning(
                $"The anonymous volumes of container '{container}' were kept: {names}. -RemoveVolume removes them with the container, and "
                    + "Clear-CtrVolume removes unused ones."
            );
    }
}

using System.Management.Automation;
using Containerd.Client;
using Containerd.Client.Records;

namespace Containerd.PowerShell;

/// <summary>Removes containers that do not run, with their read-write layer, their output and their stopped task.</summary>
[Cmdlet(VerbsCommon.Clear, "CtrContainer", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(CtrContainer))]
public sealed class ClearCtrContainerCommand : SessionCmdlet
{
    /// <summary>
    /// Specifies a minimum age. Only containers that stopped longer ago than this are removed, or were created longer ago and not started
    /// since: 90m, 24h, 7d, or a number of seconds.
    /// </summary>
    [Parameter]
    [SingleValue("1.5s")]
    public CtrDuration OlderThan { get; set; }

    /// <inheritdoc cref="GetCtrContainerCommand.Label"/>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    /// <summary>
    /// Specifies labels that exclude a container: one of them is enough. Specify a hashtable, or strings such as app=web; a string without
    /// = matches any value, and a value may contain wildcards.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? ExceptLabel { get; set; }

    /// <inheritdoc cref="CopyCtrItemCommand.Name"/>
    [Parameter(DontShow = true)]
    [RefusedName("To remove one container, use Remove-CtrContainer.")]
    public object? Name { get; set; }

    protected override void EndProcessing()
    {
        TryPerSession(null, () => Clear(Resolve().Containers));
        base.EndProcessing();
    }

    private void Clear(ContainerStore containers)
    {
        var age = this.AgeIfGiven(OlderThan, "containers");
        foreach (var container in Await(containers.ListIdleAsync).Where(c => IsWanted(c, age)))
        {
            Try(container, () =>
            {
                if (ShouldProcess($"{container} ({container.Namespace})", "Remove container"))
                    Remove(containers, container);
            });
        }
    }

    private void Remove(ContainerStore containers, CtrContainer container)
    {
        try
        {
            Await(cancellationToken => containers.RemoveAsync(container.ContainerId, force: false, cancellationToken));
            WriteObject(container);
        }
        catch (CtrException e) when (e.ErrorId is ErrorIds.TaskRunning or ErrorIds.ContainerNotFound)
        {
            WriteVerbose($"Container {container.ContainerId} was started or removed meanwhile.");
        }
    }

    private bool IsWanted(CtrContainer container, TimeSpan? age) =>
        StringMap.Has(container.Labels, Label)
        && (ExceptLabel is null || !ExceptLabel.Any(spared => StringMap.Has(container.Labels, [spared])))
        && container.HasBeenIdleFor(age);
}

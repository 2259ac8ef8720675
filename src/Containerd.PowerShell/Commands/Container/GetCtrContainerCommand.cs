using System.Collections;
using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Lists containers. What runs in them is Get-CtrTask's to say.</summary>
[Cmdlet(VerbsCommon.Get, "CtrContainer", DefaultParameterSetName = ContainerCmdlet.ById)]
[OutputType(typeof(CtrContainer))]
public sealed class GetCtrContainerCommand : ContainerQueryCmdlet<CtrContainer>
{
    /// <summary>Only containers with these labels; a value may hold wildcards.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public Hashtable? Label { get; set; }

    private protected override async Task<CtrContainer> GetAsync(NamespaceClient ns, string id, CancellationToken cancellation) =>
        (await CompleteAsync(ns, [await ns.Containers.GetAsync(id, cancellation).ConfigureAwait(false)], cancellation).ConfigureAwait(false))[0];

    private protected override async Task<IReadOnlyList<CtrContainer>> ListAsync(NamespaceClient ns, CancellationToken cancellation) =>
        await CompleteAsync(ns, await ns.Containers.ListAsync(cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);

    /// <summary>A stopped task shows how the container ended last.</summary>
    private static async Task<IReadOnlyList<CtrContainer>> CompleteAsync(NamespaceClient ns, IReadOnlyList<CtrContainer> containers, CancellationToken cancellationToken)
    {
        var tasks = await TaskIndex.ReadAsync(ns, containers, cancellationToken).ConfigureAwait(false);
        foreach (var container in containers)
            tasks.Complete(container);
        return containers;
    }

    private protected override bool IsWanted(CtrContainer item) => StringMap.Has(item.Labels, Label);
}

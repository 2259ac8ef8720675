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

    private protected override Task<CtrContainer> GetAsync(NamespaceClient ns, string id, CancellationToken cancellation) => ns.Containers.GetAsync(id, cancellation);

    private protected override Task<IReadOnlyList<CtrContainer>> ListAsync(NamespaceClient ns, CancellationToken cancellation) => ns.Containers.ListAsync(cancellation);

    private protected override bool IsWanted(CtrContainer item) => StringMap.Has(item.Labels, Label);
}

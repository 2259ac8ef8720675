using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Lists containers. What runs in them is Get-CtrTask's to say.</summary>
[Cmdlet(VerbsCommon.Get, "CtrContainer", DefaultParameterSetName = ContainerCmdlet.ById)]
[OutputType(typeof(CtrContainer))]
public sealed class GetCtrContainerCommand : ContainerQueryCmdlet<CtrContainer>
{
    /// <summary>Specifies labels that the containers have. Give a hashtable, or texts such as app=web; a text without = matches any value, and a value may contain wildcards.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    private protected override Task<CtrContainer> GetAsync(NamespaceClient ns, string id, CancellationToken cancellation) => ns.Containers.GetAsync(id, cancellation);

    private protected override Task<IReadOnlyList<CtrContainer>> ListAsync(NamespaceClient ns, CancellationToken cancellation) => ns.Containers.ListAsync(cancellation);

    private protected override bool IsWanted(CtrContainer item) => StringMap.Has(item.Labels, Label);
}

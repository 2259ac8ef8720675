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
    public Hashtable? Label { get; set; }

    private protected override Task<CtrContainer> GetAsync(NamespaceClient ns, string id, CancellationToken cancellation) => ns.Containers.GetAsync(id, cancellation);

    private protected override Task<IReadOnlyList<CtrContainer>> ListAsync(NamespaceClient ns, CancellationToken cancellation) => ns.Containers.ListAsync(cancellation);

    private protected override bool IsWanted(CtrContainer item) => Label is null || Label.Cast<DictionaryEntry>().All(wanted => Has(item, wanted));

    private static bool Has(CtrContainer container, DictionaryEntry wanted) =>
        container.Labels.TryGetValue(LanguagePrimitives.ConvertTo<string>(wanted.Key), out var value)
        && WildcardPattern.Get(LanguagePrimitives.ConvertTo<string>(wanted.Value), WildcardOptions.None).IsMatch(value);
}

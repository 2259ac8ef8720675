using System.Collections;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Lists containers. What runs in them is Get-CtrTask's to say.</summary>
[Cmdlet(VerbsCommon.Get, "CtrContainer", DefaultParameterSetName = ContainerCmdlet.ById)]
[OutputType(typeof(CtrContainer))]
public sealed class GetCtrContainerCommand : SessionCmdlet
{
    /// <summary>Ids of containers; wildcards are allowed.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ContainerCmdlet.ById)]
    [ArgumentCompleter(typeof(ContainerCompleter))]
    [IdTransformation]
    [SupportsWildcards]
    public string[] Id { get; set; } = ["*"];

    /// <summary>Containers, or tasks, processes or exits of containers, to be read anew.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ContainerCmdlet.ByObject)]
    public CtrContainerObject[] InputObject { get; set; } = [];

    /// <summary>Only containers with these labels; a value may hold wildcards.</summary>
    [Parameter]
    public Hashtable? Label { get; set; }

    protected override void ProcessRecord()
    {
        if (ParameterSetName == ContainerCmdlet.ByObject)
        {
            foreach (var item in InputObject)
                Try(item, () => Write(Await(cancellation => Resolve(item).Containers.GetAsync(item.ContainerId, cancellation))));
            return;
        }

        foreach (var id in Id)
        {
            Try(id, () =>
            {
                var containers = Resolve().Containers;
                if (!WildcardPattern.ContainsWildcardCharacters(id))
                {
                    Write(Await(cancellation => containers.GetAsync(id, cancellation)));
                    return;
                }

                var pattern = WildcardPattern.Get(id, WildcardOptions.None);
                foreach (var container in Await(containers.ListAsync))
                {
                    if (pattern.IsMatch(container.ContainerId))
                        Write(container);
                }
            });
        }
    }

    private void Write(CtrContainer container)
    {
        if (Label is null || Label.Cast<DictionaryEntry>().All(wanted => Has(container, wanted)))
            WriteObject(container);
    }

    private static bool Has(CtrContainer container, DictionaryEntry wanted) =>
        container.Labels.TryGetValue(LanguagePrimitives.ConvertTo<string>(wanted.Key), out var value)
        && WildcardPattern.Get(LanguagePrimitives.ConvertTo<string>(wanted.Value), WildcardOptions.None).IsMatch(value);
}

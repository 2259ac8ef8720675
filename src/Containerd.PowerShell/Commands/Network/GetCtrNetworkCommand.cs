using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Lists the networks that containers can be attached to.</summary>
[Cmdlet(VerbsCommon.Get, "CtrNetwork")]
[OutputType(typeof(CtrNetwork))]
public sealed class GetCtrNetworkCommand : SessionCmdlet
{
    private readonly HashSet<string> _reported = new(StringComparer.Ordinal);

    /// <summary>Specifies the names of networks; wildcards are permitted. By default, all networks are returned.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Network")]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    [IdTransformation(typeof(CtrNetwork), "a network", "Name")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = "*")]
    public string[] Name { get; set; } = ["*"];

    /// <summary>
    /// Specifies labels that the networks have. Specify a hashtable, or strings such as app=web; a string without = matches any value, and
    /// a value may contain wildcards.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    /// <summary>
    /// Indicates that the property Attachments is filled in: the containers of all namespaces that use the network, with their addresses.
    /// This requires additional calls.
    /// </summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var name in Name)
        {
            TryPerSession(name, () =>
            {
                var networks = Resolve().Networks;
                if (!WildcardPattern.ContainsWildcardCharacters(name))
                {
                    Write(networks, [Await(cancellationToken => networks.GetAsync(name, cancellationToken))]);
                    return;
                }

                var pattern = NamePattern.Get(name, WildcardOptions.None);
                var found = Await(networks.ListAsync);
                Write(networks, [.. found.Networks.Where(n => pattern.IsMatch(n.Name))]);
                // A file of another program that cannot be used does not hide the others.
                foreach (var problem in found.Problems.Where(p => _reported.Add(p.Message)))
                    Try(problem.Subject, () => throw problem);
            });
        }
    }

    private void Write(NetworkService networks, List<CtrNetwork> found)
    {
        found.RemoveAll(network => !StringMap.Has(network.Labels, Label));
        if (!Detailed)
        {
            WriteObject(found, enumerateCollection: true);
            return;
        }

        Await(cancellationToken => networks.ReadAttachmentsAsync(found, cancellationToken));
        foreach (var network in found)
            WriteDetailed(network);
    }
}

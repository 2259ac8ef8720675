using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Lists containerd's own namespaces, which separate its clients.</summary>
[Cmdlet(VerbsCommon.Get, "CtrNamespace")]
[OutputType(typeof(CtrNamespace))]
public sealed class GetCtrNamespaceCommand : DaemonCmdlet
{
    /// <summary>Specifies the names of namespaces; wildcards are permitted. By default, all namespaces are returned.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Namespace")]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    [IdTransformation(typeof(CtrNamespace), "a namespace", "Name")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = "*")]
    public string[] Name { get; set; } = ["*"];

    /// <summary>
    /// Specifies labels that the namespaces have. Specify a hashtable, or strings such as app=web; a string without = matches any value,
    /// and a value may contain wildcards.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(LabelCompleter))]
    public CtrKeyValues[]? Label { get; set; }

    /// <summary>
    /// Indicates that the property Counts is filled in: the number of objects of each kind in the namespace. This requires additional
    /// calls.
    /// </summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var name in Name)
        {
            TryPerSession(name, () =>
            {
                var namespaces = ResolveClient().Namespaces;
                if (!WildcardPattern.ContainsWildcardCharacters(name))
                {
                    Write(namespaces, Await(cancellationToken => namespaces.GetAsync(name, cancellationToken)));
                    return;
                }

                var pattern = NamePattern.Get(name, WildcardOptions.None);
                foreach (var ns in Await(namespaces.ListAsync).Where(n => pattern.IsMatch(n.Name)))
                    Write(namespaces, ns);
            });
        }
    }

    private void Write(NamespaceStore namespaces, CtrNamespace ns)
    {
        if (!StringMap.Has(ns.Labels, Label))
            return;
        if (!Detailed)
        {
            WriteObject(ns);
            return;
        }

        ns.Counts = Await(cancellationToken => namespaces.CountAsync(ns.Name, cancellationToken));
        WriteDetailed(ns);
    }
}

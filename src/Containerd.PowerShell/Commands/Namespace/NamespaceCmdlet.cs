using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>A cmdlet that acts on namespaces, specified by name or as objects.</summary>
public abstract class NamespaceCmdlet : DaemonCmdlet
{
    internal const string ByName = "Name";
    internal const string ByObject = "InputObject";

    /// <summary>Specifies the names of namespaces.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [Alias("Namespace")]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    [IdTransformation(typeof(CtrNamespace), "a namespace", "Name")]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Specifies namespaces, as Get-CtrNamespace and New-CtrNamespace return them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CtrNamespace[] InputObject { get; set; } = [];

    /// <summary>Runs the action for each namespace of this record; each failure is a separate error.</summary>
    internal void ForEachNamespace(Action<NamespaceStore, string> work)
    {
        foreach (var item in InputObject)
            TryPerSession(item, () => work(ResolveClient(item.Session).Namespaces, item.Name));
        foreach (var name in Name)
            TryPerSession(name, () => work(ResolveClient().Namespaces, name));
    }
}

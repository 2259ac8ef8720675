using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>A cmdlet that acts on networks, specified by name or as objects.</summary>
public abstract class NetworkCmdlet : SessionCmdlet
{
    internal const string ByName = "Name";
    internal const string ByObject = "InputObject";

    /// <summary>Specifies the names of networks.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [Alias("Network")]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    [IdTransformation(typeof(CtrNetwork), "a network", "Name")]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    /// <summary>Specifies networks, as Get-CtrNetwork and New-CtrNetwork return them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CtrNetwork[] InputObject { get; set; } = [];

    /// <summary>Runs the action for each network of this record; each failure is a separate error.</summary>
    internal void ForEachNetwork(Action<NetworkService, string> work)
    {
        foreach (var item in InputObject)
            TryPerSession(item, () => work(Resolve(item).Networks, item.Name));
        foreach (var name in Name)
            TryPerSession(name, () => work(Resolve().Networks, name));
    }
}

using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Restores the port and firewall rules of running containers, and name servers of networks.</summary>
[Cmdlet(VerbsDiagnostic.Repair, "CtrNetwork", SupportsShouldProcess = true)]
[OutputType(typeof(CtrNetworkAttachment))]
public sealed class RepairCtrNetworkCommand : SessionCmdlet
{
    /// <summary>
    /// Specifies the names of networks; wildcards are permitted. By default, the rules of all networks are restored.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Network")]
    [ArgumentCompleter(typeof(NetworkCompleter))]
    [IdTransformation(typeof(CtrNetwork), "a network", "Name")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = "*")]
    public string[] Name { get; set; } = ["*"];

    protected override void ProcessRecord()
    {
        foreach (var name in Name)
        {
            TryPerSession(name, () =>
            {
                var networks = Resolve().Networks;
                var chosen = Choose(name, () => Await(networks.ListAsync).Networks.Select(n => n.Name));
                if (chosen is { Count: 0 } || !ShouldProcess(name, "Restore the rules of running containers"))
                    return;
                foreach (var repaired in Await(cancellationToken => networks.RepairAsync(chosen, cancellationToken)))
                    WriteObject(repaired);
            });
        }
    }

    private static List<string>? Choose(string name, Func<IEnumerable<string>> all)
    {
        if (name == "*")
            return null;
        if (!WildcardPattern.ContainsWildcardCharacters(name))
            return [name];
        var pattern = NamePattern.Get(name, WildcardOptions.None);
        return [.. all().Where(pattern.IsMatch)];
    }
}

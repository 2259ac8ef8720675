using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Lists the private daemons of this machine, whichever process started them.</summary>
[Cmdlet(VerbsCommon.Get, "CtrDaemon")]
[OutputType(typeof(CtrDaemon))]
public sealed class GetCtrDaemonCommand : CtrCmdlet
{
    /// <summary>Specifies the names of daemons; wildcards are permitted. By default, all private daemons are returned.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(DaemonCompleter))]
    [IdTransformation(typeof(CtrDaemon), "a daemon", "Name")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = "*")]
    public string[] Name { get; set; } = ["*"];

    protected override void ProcessRecord()
    {
        foreach (var name in Name)
            WriteObject(Find(this, name), enumerateCollection: true);
    }

    /// <summary>Finds the daemons for a name or wildcard; a name without a daemon is an error.</summary>
    internal static IReadOnlyList<CtrDaemon> Find(CtrCmdlet cmdlet, string name) =>
        NameSearch.Find(cmdlet, name, CtrDaemons.Find, daemon => daemon.Name, () => CtrDaemons.NotFound(name));
}

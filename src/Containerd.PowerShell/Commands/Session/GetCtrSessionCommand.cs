using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Lists the open sessions of this process.</summary>
[Cmdlet(VerbsCommon.Get, "CtrSession")]
[OutputType(typeof(CtrSession))]
public sealed class GetCtrSessionCommand : CtrCmdlet
{
    /// <summary>Specifies the names of sessions; wildcards are permitted. By default, all sessions are returned.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ArgumentCompleter(typeof(SessionCompleter))]
    [IdTransformation(typeof(CtrSession), "a session", "Name")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = "*")]
    public string[] Name { get; set; } = ["*"];

    protected override void ProcessRecord()
    {
        foreach (var name in Name)
            WriteObject(Find(this, name), enumerateCollection: true);
    }

    /// <summary>Finds the open sessions for a name or wildcard; a name without a session is an error.</summary>
    internal static IReadOnlyList<CtrSession> Find(CtrCmdlet cmdlet, string name) =>
        NameSearch.Find(
            cmdlet,
            name,
            SessionRegistry.List,
            session => session.Name,
            () =>
                new CtrNotFoundException($"No open session is named '{name}'.")
                {
                    ErrorId = ErrorIds.SessionNotFound,
                    Subject = name,
                    Remedy = "Get-CtrSession lists the open sessions.",
                }
        );
}

using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Closes sessions.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "CtrSession", DefaultParameterSetName = ByName, SupportsShouldProcess = true)]
public sealed class DisconnectCtrSessionCommand : CtrCmdlet
{
    private const string ByName = "Name";
    private const string ByObject = "InputObject";

    /// <summary>
    /// Specifies the names of sessions; wildcards are permitted. By default, the session that this runspace opened last is closed; a
    /// session that the runspace only inherits is not closed, because its owner may still use it.
    /// </summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ParameterSetName = ByName)]
    [ArgumentCompleter(typeof(SessionCompleter))]
    [IdTransformation(typeof(CtrSession), "a session", "Name")]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[]? Name { get; set; }

    /// <summary>Specifies sessions, as Connect-CtrSession and Get-CtrSession return them.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = ByObject)]
    [ValidateNotNull]
    public CtrSession[] InputObject { get; set; } = [];

    protected override void ProcessRecord()
    {
        if (ParameterSetName == ByObject)
        {
            Close(InputObject);
        }
        else if (Name is not null)
        {
            foreach (var name in Name)
                Close(GetCtrSessionCommand.Find(this, name));
        }
        else
        {
            Try(null, () =>
            {
                if (SessionRegistry.ToCloseFor(RunspaceScope.Current) is ContainerdClient client)
                    Close([client.Session]);
            });
        }
    }

    private void Close(IEnumerable<CtrSession> sessions)
    {
        foreach (var session in sessions.ToList())
        {
            Try(session, () =>
            {
                var client = SessionRegistry.ClientOf(session);
                if (!ShouldProcess($"{session} ({client.Address})", "Disconnect"))
                    return;
                EventPump.StopHere(client.Session);
                SessionRegistry.Remove(session);
            });
        }
    }
}

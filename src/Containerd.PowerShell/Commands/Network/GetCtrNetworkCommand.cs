using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>TODO: what it does, in a sentence that begins with a verb in the third person.</summary>
[Cmdlet(VerbsCommon.Get, "CtrNetwork")]
[OutputType(typeof(string))]
public sealed class GetCtrNetworkCommand : SessionCmdlet
{
    /// <summary>TODO: Specifies … Name the unit, the default and the effect.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = [];

    protected override void ProcessRecord()
    {
        foreach (var id in Name)
        {
            TryPerSession(id, () =>
            {
                // TODO: call one method of the client, and write its result. The type of the output is in the model.
                var ns = Resolve();
                WriteObject($"{ns.Namespace}: {id}");
            });
        }
    }
}

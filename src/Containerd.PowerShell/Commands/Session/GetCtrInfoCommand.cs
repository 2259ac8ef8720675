using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Gets information about a daemon and its components.</summary>
[Cmdlet(VerbsCommon.Get, "CtrInfo")]
[OutputType(typeof(CtrInfo))]
public sealed class GetCtrInfoCommand : DaemonCmdlet
{
    protected override void ProcessRecord() => TryPerSession(null, () =>
        {
            var client = ResolveClient();
            WriteObject(Await(client.InfoAsync));
        });
}

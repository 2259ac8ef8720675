using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>What a daemon is and what it is made of: version, host, snapshotters, services.</summary>
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

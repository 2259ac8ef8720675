using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Gets the versions of the daemon and of this module. Corresponds to libcontainerd's Version.</summary>
[Cmdlet(VerbsCommon.Get, "CtrVersion")]
[OutputType(typeof(CtrVersion))]
public sealed class GetCtrVersionCommand : DaemonCmdlet
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    protected override void ProcessRecord() => TryPerSession(null, () =>
        {
            var client = ResolveClient();
            WriteObject(Await(cancellationToken => client.VersionAsync(Patience, cancellationToken)));
        });
}

using System.Management.Automation;
using Containerd.Oci;

namespace Containerd.PowerShell;

/// <summary>Removes stored credentials for registries.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "CtrRegistry", SupportsShouldProcess = true)]
public sealed class DisconnectCtrRegistryCommand : CtrCmdlet
{
    /// <summary>Specifies the registries, as in image names. The default is docker.io, which is Docker Hub.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [Alias("Name")]
    [ArgumentCompleter(typeof(RegistryCompleter))]
    [IdTransformation(typeof(CtrRegistryLogin), "a registry", "Registry")]
    [ValidateNotNullOrEmpty]
    [PSDefaultValue(Help = "docker.io")]
    public string[] Registry { get; set; } = ["docker.io"];

    protected override void ProcessRecord()
    {
        foreach (var registry in Registry)
        {
            Try(registry, () =>
            {
                var name = RegistryLogins.Normalize(registry);
                if (ShouldProcess(name, "Remove login"))
                    Await(cancellationToken => RegistryLogins.RemoveAsync(name, cancellationToken: cancellationToken));
            });
        }
    }
}

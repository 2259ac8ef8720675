using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// What happens when the module is imported into a runspace and removed from it. Sessions outlive the removal: Import-Module -Force removes
/// too, and a script that does so must not find itself on another daemon afterwards. Event subscriptions end: their code goes.
/// </summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    public void OnImport() => ClientLoadContext.Hook();

    public void OnRemove(PSModuleInfo psModuleInfo) => EventPump.StopHere();
}

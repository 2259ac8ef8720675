using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// Handles the import of the module into a runspace, and its removal. Sessions survive the removal: Import-Module -Force also removes the
/// module, and a script that uses it must not be connected to another daemon afterwards. Event subscriptions end, because their code is
/// removed.
/// </summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    public void OnImport() => ClientLoadContext.Hook();

    public void OnRemove(PSModuleInfo psModuleInfo) => EventPump.StopHere();
}

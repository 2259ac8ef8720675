using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>
/// What happens when the module is imported into a runspace. Sessions outlive its removal: Import-Module -Force removes it too, and a script that
/// does so must not find itself on another daemon afterwards.
/// </summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer
{
    public void OnImport() => ClientLoadContext.Hook();
}

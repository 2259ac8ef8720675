using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>What happens when the module is imported into a runspace and when it is removed from one.</summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    public void OnImport() => ClientLoadContext.Hook();

    public void OnRemove(PSModuleInfo psModuleInfo) => Teardown();

    // A method of its own, so that a runspace that never used the client does not load it on its way out.
    private static void Teardown()
    {
        if (RunspaceScope.Used)
            RunspaceScope.Close();
    }
}

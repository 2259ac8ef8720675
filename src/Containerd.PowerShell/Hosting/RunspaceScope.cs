using System.Management.Automation.Runspaces;

namespace Containerd.PowerShell;

/// <summary>The current runspace, as the scope of its sessions.</summary>
internal static class RunspaceScope
{
    internal static Guid Current => Runspace.DefaultRunspace?.InstanceId ?? Guid.Empty;
}

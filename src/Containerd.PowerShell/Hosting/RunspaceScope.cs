using System.Management.Automation.Runspaces;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>The current runspace, as the scope of its sessions.</summary>
internal static class RunspaceScope
{
    /// <summary>Whether any cmdlet of the module has asked for a session yet.</summary>
    internal static bool Used { get; private set; }

    internal static Guid Current
    {
        get
        {
            Used = true;
            return Runspace.DefaultRunspace?.InstanceId ?? Guid.Empty;
        }
    }

    /// <summary>Ends the sessions of the runspace that removes the module; those of other runspaces go on.</summary>
    internal static void Close() => SessionRegistry.RemoveScope(Current);
}

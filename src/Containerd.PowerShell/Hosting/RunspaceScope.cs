using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace Containerd.PowerShell;

/// <summary>The current runspace, as the scope of its sessions.</summary>
internal static class RunspaceScope
{
    private static readonly ConditionalWeakTable<Runspace, object> Watched = [];

    internal static Guid Current
    {
        get
        {
            if (Runspace.DefaultRunspace is not { } runspace)
                return Guid.Empty;
            if (Watched.TryAdd(runspace, Watched))
                runspace.StateChanged += EndWith;
            return runspace.InstanceId;
        }
    }

    private static void EndWith(object? sender, RunspaceStateEventArgs change)
    {
        if (sender is Runspace runspace && change.RunspaceStateInfo.State is RunspaceState.Closed or RunspaceState.Broken)
            SessionRegistry.EndScope(runspace.InstanceId);
    }
}

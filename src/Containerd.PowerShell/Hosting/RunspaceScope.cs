using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>The current runspace, as the scope of its sessions.</summary>
internal static class RunspaceScope
{
    private static readonly ConditionalWeakTable<Runspace, object> Watched = [];

    /// <summary>Whether any cmdlet of the module has asked for a session yet.</summary>
    internal static bool Used { get; private set; }

    internal static Guid Current
    {
        get
        {
            Used = true;
            if (Runspace.DefaultRunspace is not { } runspace)
                return Guid.Empty;
            if (Watched.TryAdd(runspace, Watched))
                runspace.StateChanged += EndWith;
            return runspace.InstanceId;
        }
    }

    /// <summary>Ends the sessions of the runspace that removes the module; those of other runspaces go on.</summary>
    internal static void Close() => SessionRegistry.RemoveScope(Current);

    private static void EndWith(object? sender, RunspaceStateEventArgs change)
    {
        if (sender is Runspace runspace && change.RunspaceStateInfo.State is RunspaceState.Closed or RunspaceState.Broken)
            SessionRegistry.EndScope(runspace.InstanceId);
    }
}

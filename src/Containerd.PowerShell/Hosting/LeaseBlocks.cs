using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// The leases of the running Use-CtrLease blocks, the innermost last. A block belongs to its runspace: commands of other runspaces
/// (ForEach-Object -Parallel, thread jobs) do not use its lease, unless they have their own block.
/// </summary>
internal static class LeaseBlocks
{
    private static readonly ConditionalWeakTable<Runspace, List<Block>> Running = [];

    private sealed record Block(ContainerdClient Client, string Namespace, string Lease);

    /// <summary>Makes this runspace use a lease until the result is disposed.</summary>
    internal static IDisposable Enter(NamespaceClient ns, string lease)
    {
        if (Runspace.DefaultRunspace is not { } runspace)
            return new Exit(() => { });
        var blocks = Running.GetOrCreateValue(runspace);
        var block = new Block(ns.Client, ns.Namespace, lease);
        lock (blocks)
            blocks.Add(block);
        return new Exit(() =>
        {
            lock (blocks)
                blocks.RemoveAt(blocks.FindLastIndex(b => ReferenceEquals(b, block)));
        });
    }

    /// <summary>The namespace with the lease of the runspace's innermost block for it, if there is one.</summary>
    internal static NamespaceClient Apply(NamespaceClient ns)
    {
        if (Runspace.DefaultRunspace is not { } runspace || !Running.TryGetValue(runspace, out var blocks))
            return ns;
        lock (blocks)
            return blocks.FindLast(b => b.Client == ns.Client && b.Namespace == ns.Namespace) is { } block ? ns.WithLease(block.Lease) : ns;
    }

    /// <summary>Whether a block of any runspace uses a lease.</summary>
    internal static bool IsUsed(NamespaceClient ns, string lease)
    {
        foreach (var (_, blocks) in Running)
        {
            lock (blocks)
            {
                if (blocks.Exists(b => b.Client == ns.Client && b.Namespace == ns.Namespace && b.Lease == lease))
                    return true;
            }
        }

        return false;
    }

    private sealed class Exit(Action leave) : IDisposable
    {
        public void Dispose() => leave();
    }
}

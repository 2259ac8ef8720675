using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// The leases of the Use-CtrLease blocks that run now, innermost last. A block is its runspace's own: what others do meanwhile
/// (ForEach-Object -Parallel, thread jobs) is not under its lease, unless they say so with a block of their own.
/// </summary>
internal static class LeaseBlocks
{
    private static readonly ConditionalWeakTable<Runspace, List<Block>> Running = [];

    private sealed record Block(ContainerdClient Client, string Namespace, string Lease);

    /// <summary>Notes that this runspace works under a lease until the result is disposed of.</summary>
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

    /// <summary>The namespace under the lease of this runspace's innermost block there, if there is one.</summary>
    internal static NamespaceClient Apply(NamespaceClient ns)
    {
        if (Runspace.DefaultRunspace is not { } runspace || !Running.TryGetValue(runspace, out var blocks))
            return ns;
        lock (blocks)
            return blocks.FindLast(b => b.Client == ns.Client && b.Namespace == ns.Namespace) is { } block ? ns.Under(block.Lease) : ns;
    }

    /// <summary>Whether a block of any runspace runs under a lease.</summary>
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

using Grpc.Core;

namespace Containerd.Client.Transport;

/// <summary>
/// A containerd namespace of a daemon, and the lease that holds new objects. Each higher layer derives a scope from this one and adds its
/// services, so that the scope parameter of a class shows which layers it may use.
/// </summary>
internal class NamespaceScope(DaemonConnection connection, string name, string? lease = null)
{
    /// <summary>The connection to the daemon.</summary>
    internal DaemonConnection Connection { get; } = connection;

    /// <summary>The namespace's name.</summary>
    internal string Namespace { get; } = name;

    /// <summary>The lease that holds created objects, unless a call specifies another one; null for none.</summary>
    internal string? Lease { get; } = lease;

    /// <summary>The session of objects of this namespace.</summary>
    internal CtrSession Session => Connection.Session;

    /// <summary>The invoker for calls in this namespace, under its lease or another one.</summary>
    internal CallInvoker Calls(string? lease = null) => Connection.Calls(Namespace, lease ?? Lease);

    /// <summary>Marks an object as belonging to this session and namespace.</summary>
    internal T Stamp<T>(T item)
        where T : CtrObject
    {
        item.Session = Session;
        item.Namespace = Namespace;
        return item;
    }
}

using Grpc.Core;

namespace Containerd.Client.Transport;

/// <summary>
/// One containerd namespace of one daemon, and the lease that new objects are held by. Each layer above derives a scope from this one and
/// adds what it offers, so that a class states by the
/// scope that it takes which layers it may use.
/// </summary>
internal class NamespaceScope(DaemonConnection connection, string name, string? lease = null)
{
    /// <summary>The connection to the daemon.</summary>
    internal DaemonConnection Connection { get; } = connection;

    /// <summary>The namespace's name.</summary>
    internal string Namespace { get; } = name;

    /// <summary>The lease that holds what is created, unless a call names another; null for none.</summary>
    internal string? Lease { get; } = lease;

    /// <summary>The session that objects of this namespace carry.</summary>
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

using Containerd.Client.Records;
using Containerd.Client.Transport;

namespace Containerd.Client.Storage;

/// <summary>Adds the content store, snapshots and leases.</summary>
internal class StorageScope : RecordScope
{
    internal StorageScope(DaemonConnection connection, string name, string? lease = null, NamespaceState? state = null)
        : base(connection, name, lease, state)
    {
        Content = new ContentStore(this);
        Snapshots = new SnapshotStore(this);
        Leases = new LeaseStore(this);
    }

    /// <summary>The blobs.</summary>
    internal ContentStore Content { get; }

    /// <summary>The snapshots.</summary>
    internal SnapshotStore Snapshots { get; }

    /// <summary>The leases.</summary>
    internal LeaseStore Leases { get; }

    /// <summary>The digests of the blobs that other namespaces of the daemon have.</summary>
    internal async Task<HashSet<string>> BlobsElsewhereAsync(CancellationToken cancellationToken)
    {
        var elsewhere = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in await Daemon.Namespaces.NamesAsync(cancellationToken).ConfigureAwait(false))
        {
            if (name == Namespace)
                continue;
            var blobs = await new StorageScope(Connection, name)
                .Content.Records.ListPlainAsync(StoreFilter.All, cancellationToken)
                .ConfigureAwait(false);
            elsewhere.UnionWith(blobs.Select(b => b.Digest));
        }

        return elsewhere;
    }
}

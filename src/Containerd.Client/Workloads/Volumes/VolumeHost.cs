using System.Runtime.Versioning;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Host.Volumes;

namespace Containerd.Client.Workloads.Volumes;

/// <summary>The volumes of a daemon that is verified to run on this machine.</summary>
[SupportedOSPlatform("linux")]
internal sealed class VolumeHost
{
    private VolumeHost(VolumeStore store, VolumeOwner daemon) => (Store, Daemon) = (store, daemon);

    /// <summary>The folder of the volumes.</summary>
    internal VolumeStore Store { get; }

    /// <summary>The daemon, as it is recorded beside the volumes.</summary>
    internal VolumeOwner Daemon { get; }

    /// <summary>Verifies that the daemon runs on this machine.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="what">The operation, for the text before "only on the daemon's own host".</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrNotSupportedException">DaemonNotLocal; at once for a session over SSH.</exception>
    /// <exception cref="CtrPermissionException">This user cannot read its files.</exception>
    internal static async Task<VolumeHost> FindAsync(RecordScope ns, string what, CancellationToken cancellationToken)
    {
        var (_, root) = await DaemonHost.RequireFolderAsync(ns.Connection, what, instead: null, cancellationToken).ConfigureAwait(false);
        var (parent, volumes) = new StateFolders(ns.Connection).Volumes;
        return new VolumeHost(
            new VolumeStore(parent, volumes),
            new VolumeOwner { Root = root, Address = ns.Connection.Address.ToString() }
        );
    }
}

using System.Runtime.Versioning;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Host;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Workloads.Networks;

/// <summary>
/// The folders of the networks of a daemon that runs on this machine. A daemon that this module started has networks of its own; others use
/// those of the machine.
/// </summary>
internal sealed class NetworkHost
{
    private readonly string _uuid;
    private readonly string _namespace;

    private NetworkHost(string uuid, string containerdNamespace, string socket, LocalDaemon daemon)
    {
        (_uuid, _namespace, Daemon) = (uuid, containerdNamespace, daemon);
        // The folder with the logs is in the folder of the daemon's data.
        var data = CtrDaemonFolder.DataRootFor(socket) is { } logs ? Path.GetDirectoryName(logs) : null;
        IsPrivate = data is not null;
        IsMachine = socket == NetworkFolders.MachineSocket;
        Folders = data is null ? NetworkFolders.OfMachine(uuid, containerdNamespace) : NetworkFolders.OfPrivateDaemon(uuid, data);
    }

    /// <summary>The folders for the containers of another containerd namespace.</summary>
    internal NetworkFolders FoldersOf(string containerdNamespace) =>
        IsPrivate ? Folders : NetworkFolders.OfMachine(_uuid, containerdNamespace);

    /// <summary>The folders.</summary>
    internal NetworkFolders Folders { get; }

    /// <summary>The daemon's process, in whose network namespace the networks are.</summary>
    internal LocalDaemon Daemon { get; }

    /// <summary>Whether it is the machine's daemon, whose attachments have the same ids as those of nerdctl.</summary>
    internal bool IsMachine { get; }

    /// <summary>Whether the networks are those of this daemon alone.</summary>
    internal bool IsPrivate { get; }

    /// <summary>Verifies that the daemon runs on this machine, and that this process may work on its networks.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="what">The operation, for the text before "only on the daemon's own host".</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrNotSupportedException">DaemonNotLocal; at once for a session over SSH.</exception>
    [SupportedOSPlatform("linux")]
    internal static async Task<NetworkHost> FindAsync(RecordScope ns, string what, CancellationToken cancellationToken)
    {
        // Before any call.
        ns.Connection.RequireHost(what);
        var daemon = await DaemonHost.RequireAsync(ns.Connection, what, instead: null, cancellationToken).ConfigureAwait(false);
        return new NetworkHost(ns.Connection.Uuid, ns.Namespace, ns.Connection.Address.Path, daemon);
    }

    /// <summary>The CNI container id of a container.</summary>
    internal string AttachmentOf(string containerId) => NetworkFolders.AttachmentId(_namespace, containerId, IsMachine ? null : _uuid);

    /// <summary>The bridge of a new network.</summary>
    internal string BridgeOf(string name) => NetworkDefinition.BridgeOf(name, IsPrivate ? _uuid : null);
}

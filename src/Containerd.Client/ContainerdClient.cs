using System.Collections.Concurrent;
using Containerd.Client.Daemon;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Namespaces;
using Containerd.Client.Workloads.Networks;
using Containerd.Host;
using Containerd.Host.Errors;
using Grpc.Core;
using WireIntrospection = Containerd.Client.Wire.Introspection;

namespace Containerd.Client;

/// <summary>
/// A connection to a daemon, which is thread-safe and reconnects after a restart of the daemon. Operations in a containerd namespace go
/// through <see cref="In"/>.
/// </summary>
public sealed class ContainerdClient : IDisposable
{
    /// <summary>How long the clean-up after a failure or a cancellation may take.</summary>
    public static TimeSpan CleanUpDeadline => BackgroundWork.CleanUpDeadline;

    private readonly ConcurrentDictionary<string, NamespaceClient> _namespaces = new(StringComparer.Ordinal);
    private readonly DaemonServices _daemon;

    private ContainerdClient(DaemonConnection connection)
    {
        Connection = connection;
        _daemon = new DaemonServices(connection);
        Namespaces = new(_daemon.Namespaces, ContentOf);
    }

    /// <summary>The address of the daemon.</summary>
    public ContainerdAddress Address => Connection.Address;

    /// <summary>The model's handle of this connection.</summary>
    public CtrSession Session => Connection.Session;

    /// <summary>The daemon's process, if it serves a unix socket of this machine; otherwise null.</summary>
    public LocalDaemon? LocalDaemon => Connection.LocalDaemon;

    /// <summary>The daemon's identity, which survives its restarts (introspection.v1 Server).</summary>
    public string Uuid => Connection.Uuid;

    /// <summary>The time limit for the daemon's answer to a call; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    public TimeSpan OperationTimeout => Connection.OperationTimeout;

    /// <summary>The daemon's containerd namespaces.</summary>
    public NamespaceStore Namespaces { get; }

    /// <summary>The plugins of the daemon.</summary>
    public PluginService Plugins => _daemon.Plugins;

    /// <summary>The runtimes for its tasks.</summary>
    public RuntimeService Runtimes => _daemon.Runtimes;

    /// <summary>The connection for the calls of the services.</summary>
    internal DaemonConnection Connection { get; }

    /// <summary>Opens a connection and verifies that containerd answers.</summary>
    /// <param name="options">The connection options.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The open connection.</returns>
    /// <exception cref="CtrConnectionException">
    /// The socket does not exist, no process is listening, or it belongs to a rootless daemon; or over SSH, the host cannot be reached.
    /// </exception>
    /// <exception cref="CtrPermissionException">This user is not allowed to use the socket, or to log in to the SSH host.</exception>
    /// <exception cref="CtrTimeoutException">The process that listens does not answer in time.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public static async Task<ContainerdClient> ConnectAsync(ConnectOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new ContainerdClient(await DaemonConnection.OpenAsync(options, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Resolves an address: the specified one, or else <c>$CONTAINERD_ADDRESS</c>, or else the platform's default.</summary>
    /// <param name="given">The specified address; null for none.</param>
    /// <returns>The address.</returns>
    public static ContainerdAddress AddressOf(string? given) => DaemonConnection.AddressOf(given);

    /// <summary>Returns a view of the connection for one containerd namespace.</summary>
    /// <param name="name">The namespace; null for the session's own.</param>
    /// <returns>The operations in that namespace.</returns>
    public NamespaceClient In(string? name = null) =>
        _namespaces.GetOrAdd(
            name ?? Session.Namespace,
            static (key, client) => new NamespaceClient(client, ContainerdNames.RequireNamespace(key)),
            this
        );

    /// <summary>The daemon's version (version.v1 Version).</summary>
    /// <param name="timeout">The time limit.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The version that the daemon reports.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrVersion> VersionAsync(TimeSpan timeout, CancellationToken cancellationToken = default) =>
        await Connection.VersionAsync(timeout, cancellationToken).ConfigureAwait(false);

    /// <summary>Reads information about the daemon: its plugins, snapshotters and host (introspection.v1 Plugins and Server).</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The current state of the daemon.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrInfo> InfoAsync(CancellationToken cancellationToken = default)
    {
        var version = await VersionAsync(TimeSpan.FromSeconds(10), cancellationToken).ConfigureAwait(false);
        var plugins = await Plugins.ListAsync(null, cancellationToken).ConfigureAwait(false);
        var server = await new WireIntrospection.Introspection.IntrospectionClient(Connection.Calls(Session.Namespace))
            .ServerAsync(new Google.Protobuf.WellKnownTypes.Empty(), cancellationToken: cancellationToken)
            .TranslateErrors(Resource.Daemon)
            .ConfigureAwait(false);
        var cgroups = await Connection.CgroupVersionAsync(cancellationToken).ConfigureAwait(false);
        string[] Named(string type) => [.. plugins.Where(p => p.Type == type && p.State == CtrPluginState.Loaded).Select(p => p.Id)];
        return new CtrInfo
        {
            Session = Session,
            Address = Address.ToString(),
            Version = version.Version,
            Revision = version.Revision,
            Uuid = Uuid,
            Pid = LocalDaemon?.Pid,
            CgroupVersion = cgroups == CgroupVersion.Unknown ? null : (int)cgroups,
            CgroupDriver =
                LocalDaemon is { } local ? HostFacts.Detect(local.CgroupVersion(), local.HasSystemd()).CgroupDriver
                : Address.IsSsh ? CtrCgroupDriver.Cgroupfs
                : null,
            Platform = plugins.SelectMany(p => p.Platforms).FirstOrDefault(p => p.Contains('/', StringComparison.Ordinal)) ?? "",
            Snapshotters = Named("io.containerd.snapshotter.v1"),
            Services = Named("io.containerd.grpc.v1"),
            FailedPlugins =
            [
                .. plugins.Where(p => p.State != CtrPluginState.Loaded).Select(p => p.ToString()).Order(StringComparer.Ordinal),
            ],
            NetworkPlugins = Address.IsLocal ? NetworkPlugins.Find() : [],
            Deprecations =
            [
                .. server.Deprecations.Select(d => new CtrDeprecation
                {
                    Id = d.Id,
                    Message = d.Message,
                    LastOccurrence = d.LastOccurrence.Local() ?? default,
                }),
            ],
        };
    }

    /// <summary>
    /// Verifies that the daemon answers at all, for a caller that has reached its own time limit and wants to know the reason.
    /// </summary>
    /// <param name="patience">The time limit.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrTimeoutException">
    /// The daemon does not answer (DaemonTimedOut), or the ssh connection to it (SshTimedOut).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task RequireAnswerAsync(TimeSpan patience, CancellationToken cancellationToken = default) =>
        await Connection.RequireAnswerAsync(patience).WaitAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Closes the connection after running clean-up has finished, within ten seconds. Containers keep running.</summary>
    public void Dispose() => Connection.Dispose();

    private NamespaceContent ContentOf(string name)
    {
        var ns = In(name);
        return new NamespaceContent(ns.Scope, ns.Containers, ns.Tasks);
    }

    /// <summary>Creates a client with redirected calls, for tests of behavior that cannot be provoked in a daemon.</summary>
    internal static ContainerdClient Over(CallInvoker calls) => new(DaemonConnection.Over(calls));
}

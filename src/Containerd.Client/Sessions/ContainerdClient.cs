using System.Collections.Concurrent;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using WireIntrospection = Containerd.Client.Wire.Introspection;
using WireNamespaces = Containerd.Client.Wire.Namespaces;
using WireVersion = Containerd.Client.Wire.Versions;

namespace Containerd.Client;

/// <summary>
/// One connection to one daemon: a single HTTP/2 channel that all threads share, and that finds its daemon again after a restart.
/// What is done in a containerd namespace is done through <see cref="In"/>.
/// </summary>
public sealed class ContainerdClient : IDisposable
{
    /// <summary>containerd itself refuses messages above this, and sends none.</summary>
    private const int LargestMessage = 16 * 1024 * 1024;

    private static int _count;

    private readonly GrpcChannel _channel;
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<string, NamespaceClient> _namespaces = new(StringComparer.Ordinal);

    private ContainerdClient(ContainerdAddress address, GrpcChannel channel, LocalDaemon? daemon, CtrSession session)
    {
        Address = address;
        _channel = channel;
        LocalDaemon = daemon;
        Session = session;
    }

    /// <summary>Where the daemon listens.</summary>
    public ContainerdAddress Address { get; }

    /// <summary>The handle that stands for this connection in the model.</summary>
    public CtrSession Session { get; }

    /// <summary>The daemon's process, where it serves a unix socket of this machine; else null.</summary>
    public LocalDaemon? LocalDaemon { get; private set; }

    /// <summary>The daemon's identity, which survives its restarts (introspection.v1 Server).</summary>
    public string Uuid { get; private set; } = "";

    /// <summary>Cancelled when the connection is closed: what goes on in the background ends with it.</summary>
    internal CancellationToken Closing => _closing.Token;

    /// <summary>The daemon's host, as far as specs depend on it; a host that nothing is known of where it is another machine.</summary>
    internal HostFacts HostFacts => Address.IsLocal ? HostFacts.Detect(LocalDaemon?.CgroupVersion()) : new HostFacts();

    /// <summary>Opens a connection and makes sure that a containerd answers.</summary>
    /// <param name="options">Where to connect and how.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The open connection.</returns>
    /// <exception cref="CtrConnectionException">No socket, nobody listening, or a rootless daemon's socket.</exception>
    /// <exception cref="CtrPermissionException">The socket does not let this user in.</exception>
    /// <exception cref="CtrTimeoutException">Something listens but does not answer in time.</exception>
    public static async Task<ContainerdClient> ConnectAsync(ConnectOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var address = AddressOf(options.Address);
        var inNamespace = ContainerdNames.RequireNamespace(options.Namespace ?? Variable("CONTAINERD_NAMESPACE") ?? "default");
        var daemon = await DaemonEndpoint.ProbeAsync(address, cancellation).ConfigureAwait(false);

        var session = new CtrSession { Address = address.ToString(), Namespace = inNamespace };
        ContainerdClient? client = null;
        var channel = OpenChannel(address, met =>
        {
            if (client is not null)
                client.LocalDaemon = met;
        });
        client = new ContainerdClient(address, channel, daemon, session);
        try
        {
            var version = await client.VersionAsync(options.Timeout, cancellation).ConfigureAwait(false);
            session.Version = version.Version;
            await client.IdentifyAsync(options.Timeout, cancellation).ConfigureAwait(false);
        }
        catch (CtrConnectionException e) when (e.ErrorId == "DaemonUnavailable")
        {
            client.Dispose();
            throw new CtrConnectionException($"What listens on {address} is no containerd: it does not answer as one.", e.InnerException)
            {
                ErrorId = "NotContainerd",
                Subject = address.ToString(),
                Remedy = "See what listens there; containerd's own socket is usually unix:///run/containerd/containerd.sock.",
            };
        }
        catch
        {
            client.Dispose();
            throw;
        }

        session.Id = Interlocked.Increment(ref _count);
        session.Name = options.Name ?? $"Session{session.Id}";
        return client;
    }

    /// <summary>The address that a caller means: the given one, else <c>$CONTAINERD_ADDRESS</c>, else the platform's.</summary>
    /// <param name="given">What the caller gave; null for nothing.</param>
    /// <returns>The address.</returns>
    public static ContainerdAddress AddressOf(string? given) =>
        (given ?? Variable("CONTAINERD_ADDRESS")) is string text ? ContainerdAddress.Parse(text) : ContainerdAddress.PlatformDefault;

    /// <summary>The same connection, seen from one containerd namespace.</summary>
    /// <param name="name">The namespace; null for the session's own.</param>
    /// <returns>What can be done in that namespace.</returns>
    public NamespaceClient In(string? name = null) =>
        _namespaces.GetOrAdd(name ?? Session.Namespace, static (key, client) => new NamespaceClient(client, ContainerdNames.RequireNamespace(key)), this);

    /// <summary>The daemon's version (version.v1 Version).</summary>
    /// <param name="timeout">How long the daemon may take.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>What the daemon says of itself.</returns>
    public async Task<CtrVersion> VersionAsync(TimeSpan timeout, CancellationToken cancellation = default)
    {
        var reply = await new WireVersion.Version.VersionClient(Calls(Session.Namespace))
            .VersionAsync(new Google.Protobuf.WellKnownTypes.Empty(), deadline: DateTime.UtcNow + timeout, cancellationToken: cancellation)
            .About(Resource.Daemon, Address.ToString()).ConfigureAwait(false);
        return new CtrVersion
        {
            Version = reply.Version,
            Revision = reply.Revision,
            ClientVersion = typeof(ContainerdClient).Assembly.GetName().Version?.ToString(3) ?? "",
            Session = Session,
        };
    }

    /// <summary>What the daemon is made of: its plugins, snapshotters and host (introspection.v1 Plugins and Server).</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The daemon as it is now.</returns>
    public async Task<CtrInfo> InfoAsync(CancellationToken cancellation = default)
    {
        var version = await VersionAsync(TimeSpan.FromSeconds(10), cancellation).ConfigureAwait(false);
        var introspection = new WireIntrospection.Introspection.IntrospectionClient(Calls(Session.Namespace));
        var plugins = (await introspection.PluginsAsync(new(), cancellationToken: cancellation).About(Resource.Daemon).ConfigureAwait(false)).Plugins;
        string[] Named(string type) => [.. plugins.Where(p => p.Type == type && p.InitErr is null).Select(p => p.Id).Order(StringComparer.Ordinal)];
        var platform = plugins.SelectMany(p => p.Platforms).FirstOrDefault(p => p.Os.Length > 0);
        return new CtrInfo
        {
            Session = Session,
            Address = Address.ToString(),
            Version = version.Version,
            Revision = version.Revision,
            Uuid = Uuid,
            Pid = LocalDaemon?.Pid,
            CgroupVersion = LocalDaemon?.CgroupVersion() is int v and > 0 ? v : null,
            Platform = platform is null ? "" : string.Join('/', new[] { platform.Os, platform.Architecture, platform.Variant }.Where(s => s.Length > 0)),
            Snapshotters = Named("io.containerd.snapshotter.v1"),
            Services = Named("io.containerd.grpc.v1"),
            FailedPlugins = [.. plugins.Where(p => p.InitErr is not null).Select(p => $"{p.Type}.{p.Id}").Order(StringComparer.Ordinal)],
        };
    }

    /// <summary>A label of a containerd namespace (namespaces.v1 Get).</summary>
    /// <returns>The label's value; null when the namespace or the label is not there.</returns>
    internal async Task<string?> NamespaceLabelAsync(string name, string label, CancellationToken cancellation)
    {
        try
        {
            var reply = await new WireNamespaces.Namespaces.NamespacesClient(Calls(name)).GetAsync(new() { Name = name }, cancellationToken: cancellation)
                .About(Resource.Namespace, name).ConfigureAwait(false);
            return reply.Namespace.Labels.TryGetValue(label, out var value) && value.Length > 0 ? value : null;
        }
        catch (CtrNotFoundException)
        {
            // A namespace comes into being with what is first made in it.
            return null;
        }
    }

    /// <summary>The containerd namespaces that the daemon knows (namespaces.v1 List).</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Their names, in order.</returns>
    public async Task<IReadOnlyList<string>> NamespacesAsync(CancellationToken cancellation = default)
    {
        var reply = await new WireNamespaces.Namespaces.NamespacesClient(Calls(Session.Namespace))
            .ListAsync(new(), cancellationToken: cancellation).About(Resource.Namespace).ConfigureAwait(false);
        return [.. reply.Namespaces.Select(n => n.Name).Order(StringComparer.Ordinal)];
    }

    /// <summary>Closes the connection. What runs in containers goes on.</summary>
    public void Dispose()
    {
        Session.State = CtrSessionState.Closed;
        _closing.Cancel();
        _channel.Dispose();
    }

    /// <summary>Stubs' calls in a namespace, and under a lease where one protects what they write.</summary>
    internal CallInvoker Calls(string containerdNamespace, string? lease = null)
    {
        if (Session.State == CtrSessionState.Closed)
        {
            throw new CtrConnectionException($"The session '{Session}' is closed.")
            {
                ErrorId = "SessionClosed",
                Subject = Session.Name,
                Remedy = "Open a new one with Connect-CtrSession.",
            };
        }

        return _channel.Intercept(new NamespaceInterceptor(containerdNamespace, lease));
    }

    /// <summary>Waits until the daemon answers again after a call lost it.</summary>
    /// <exception cref="CtrConnectionException">It did not come back in time.</exception>
    internal async Task AwaitReturnAsync(TimeSpan patience, CancellationToken cancellation)
    {
        var giveUp = patience == Timeout.InfiniteTimeSpan ? DateTime.MaxValue : DateTime.UtcNow + patience;
        while (true)
        {
            try
            {
                LocalDaemon = await DaemonEndpoint.ProbeAsync(Address, cancellation).ConfigureAwait(false);
                await VersionAsync(TimeSpan.FromSeconds(2), cancellation).ConfigureAwait(false);
                return;
            }
            catch (CtrException) when (DateTime.UtcNow < giveUp && Session.State == CtrSessionState.Opened)
            {
                await Task.Delay(100, cancellation).ConfigureAwait(false);
            }
        }
    }

    private async Task IdentifyAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        try
        {
            var reply = await new WireIntrospection.Introspection.IntrospectionClient(Calls(Session.Namespace))
                .ServerAsync(new Google.Protobuf.WellKnownTypes.Empty(), deadline: DateTime.UtcNow + timeout, cancellationToken: cancellation)
                .About(Resource.Daemon).ConfigureAwait(false);
            Uuid = reply.Uuid;
        }
        catch (CtrNotSupportedException)
        {
            // A daemon with its introspection plugin switched off is still a containerd.
        }
    }

    internal static GrpcChannel OpenChannel(ContainerdAddress address, Action<LocalDaemon?>? met = null)
    {
        var handler = new SocketsHttpHandler
        {
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            EnableMultipleHttp2Connections = true,
            UseProxy = false,
        };
        if (address.IsLocal)
            handler.ConnectCallback = (_, cancellation) => DaemonEndpoint.OpenAsync(address, met, cancellation);
        return GrpcChannel.ForAddress(address.IsLocal ? "http://localhost" : address.Path, new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = LargestMessage,
            MaxSendMessageSize = LargestMessage,
            ThrowOperationCanceledOnCancellation = true,
        });
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}

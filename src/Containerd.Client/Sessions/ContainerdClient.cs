using System.Collections.Concurrent;
using System.Diagnostics;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using WireIntrospection = Containerd.Client.Wire.Introspection;
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

    /// <summary>The longest pause between two attempts to get through to a host that is away.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly GrpcChannel _channel;
    private readonly CallInvoker _calls;
    private readonly SshTunnel? _tunnel;
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<string, NamespaceClient> _namespaces = new(StringComparer.Ordinal);

    private readonly CallTerms _terms;

    private ContainerdClient(ContainerdAddress address, GrpcChannel channel, SshTunnel? tunnel, LocalDaemon? daemon, CtrSession session, CallLimits limits, CallInvoker? calls = null)
    {
        _terms = new CallTerms
        {
            Address = session.Address,
            Limits = limits,
            Probe = WhoIsSilentAsync,
            Heartbeat = new Heartbeat(limits.HeartbeatInterval, () => WhoIsSilentAsync(limits.HeartbeatPatience)),
            Closed = Closed,
            Client = this,
        };
        Address = address;
        _channel = channel;
        _calls = calls ?? channel.CreateCallInvoker();
        _tunnel = tunnel;
        LocalDaemon = daemon;
        Session = session;
        Namespaces = new(this);
        Plugins = new(this);
        Runtimes = new(this);
    }

    /// <summary>Where the daemon listens.</summary>
    public ContainerdAddress Address { get; }

    /// <summary>The handle that stands for this connection in the model.</summary>
    public CtrSession Session { get; }

    /// <summary>The daemon's process, where it serves a unix socket of this machine; else null.</summary>
    public LocalDaemon? LocalDaemon { get; private set; }

    /// <summary>The daemon's identity, which survives its restarts (introspection.v1 Server).</summary>
    public string Uuid { get; private set; } = "";

    /// <summary>How long the daemon may take to answer a call; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    public TimeSpan OperationTimeout => _terms.Limits.Operation;

    /// <summary>The daemon's containerd namespaces.</summary>
    public NamespaceStore Namespaces { get; }

    /// <summary>What the daemon is made of.</summary>
    public PluginService Plugins { get; }

    /// <summary>What its tasks can be run by.</summary>
    public RuntimeService Runtimes { get; }

    /// <summary>Cancelled when the connection is closed: what goes on in the background ends with it.</summary>
    internal CancellationToken Closing => _closing.Token;

    /// <summary>Opens a connection and makes sure that a containerd answers.</summary>
    /// <param name="options">Where to connect and how.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The open connection.</returns>
    /// <exception cref="CtrConnectionException">No socket, nobody listening, or a rootless daemon's socket; or over SSH no way to the host.</exception>
    /// <exception cref="CtrPermissionException">The socket, or the SSH host, does not let this user in.</exception>
    /// <exception cref="CtrTimeoutException">Something listens but does not answer in time.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public static async Task<ContainerdClient> ConnectAsync(ConnectOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var address = AddressOf(options.Address);
        var inNamespace = ContainerdNames.RequireNamespace(options.Namespace ?? Variable("CONTAINERD_NAMESPACE") ?? "default");
        if (options.Ssh is { } given && !address.IsSsh && (given.KeyFilePath is not null || given.Options.Count > 0))
        {
            throw new CtrArgumentException($"A key and options are for ssh, and the address '{address}' is none of an SSH host.")
            {
                ErrorId = "ConflictingParameters",
                Subject = address.ToString(),
                Remedy = "Name the host with -HostName, or give an address such as ssh://root@host.",
            };
        }

        var clock = Stopwatch.StartNew();
        var tunnel = address.IsSsh ? new SshTunnel(address, options.Ssh ?? new SshOptions(), LongTime.Comparable(options.Timeout)) : null;
        LocalDaemon? daemon;
        try
        {
            daemon = await ReachAsync(address, tunnel, cancellation).ConfigureAwait(false);
        }
        catch
        {
            tunnel?.Dispose();
            throw;
        }

        // Over SSH a good deal of the time may be gone; what is there answers in milliseconds.
        TimeSpan Left() => tunnel is null ? options.Timeout : TimeSpan.FromTicks(Math.Max((LongTime.Comparable(options.Timeout) - clock.Elapsed).Ticks, TimeSpan.TicksPerSecond / 2));
        var session = new CtrSession { Address = address.ToString(), Namespace = inNamespace };
        ContainerdClient? client = null;
        var channel = OpenChannel(address, tunnel, met =>
        {
            if (client is not null)
                client.LocalDaemon = met;
        });
        var calls = options.Interceptor is { } interceptor ? channel.CreateCallInvoker().Intercept(interceptor) : null;
        client = new ContainerdClient(address, channel, tunnel, daemon, session, new CallLimits(options.OperationTimeout), calls);
        try
        {
            var version = await client.VersionAsync(Left(), cancellation).ConfigureAwait(false);
            session.Version = version.Version;
            await client.IdentifyAsync(Left(), cancellation).ConfigureAwait(false);
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

    /// <summary>A connection whose calls lead elsewhere, for tests of what no daemon can be made to do.</summary>
    internal static ContainerdClient Over(CallInvoker calls)
    {
        var address = ContainerdAddress.Parse("http://localhost:1");
        return new ContainerdClient(address, OpenChannel(address), null, null, new CtrSession { Address = address.ToString() }, new CallLimits(CallLimits.Default), calls);
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
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrVersion> VersionAsync(TimeSpan timeout, CancellationToken cancellation = default)
    {
        var reply = await new WireVersion.Version.VersionClient(Calls(Session.Namespace))
            .VersionAsync(new Google.Protobuf.WellKnownTypes.Empty(), deadline: LongTime.After(timeout), cancellationToken: cancellation)
            .About(Resource.Daemon, Address.ToString()).ConfigureAwait(false);
        return new CtrVersion
        {
            Version = DaemonVersion.Normalize(reply.Version),
            Revision = reply.Revision,
            ClientVersion = typeof(ContainerdClient).Assembly.GetName().Version?.ToString(3) ?? "",
            Session = Session,
        };
    }

    /// <summary>What the daemon is made of: its plugins, snapshotters and host (introspection.v1 Plugins and Server).</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The daemon as it is now.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrInfo> InfoAsync(CancellationToken cancellation = default)
    {
        var version = await VersionAsync(TimeSpan.FromSeconds(10), cancellation).ConfigureAwait(false);
        var plugins = await Plugins.ListAsync(null, cancellation).ConfigureAwait(false);
        var server = await new WireIntrospection.Introspection.IntrospectionClient(Calls(Session.Namespace))
            .ServerAsync(new Google.Protobuf.WellKnownTypes.Empty(), cancellationToken: cancellation).About(Resource.Daemon).ConfigureAwait(false);
        string[] Named(string type) => [.. plugins.Where(p => p.Type == type && p.State == CtrPluginState.Loaded).Select(p => p.Id)];
        return new CtrInfo
        {
            Session = Session,
            Address = Address.ToString(),
            Version = version.Version,
            Revision = version.Revision,
            Uuid = Uuid,
            Pid = LocalDaemon?.Pid,
            CgroupVersion = LocalDaemon?.CgroupVersion() is int v and > 0 ? v : null,
            Platform = plugins.SelectMany(p => p.Platforms).FirstOrDefault(p => p.Contains('/', StringComparison.Ordinal)) ?? "",
            Snapshotters = Named("io.containerd.snapshotter.v1"),
            Services = Named("io.containerd.grpc.v1"),
            FailedPlugins = [.. plugins.Where(p => p.State != CtrPluginState.Loaded).Select(p => p.ToString()).Order(StringComparer.Ordinal)],
            Deprecations = [.. server.Deprecations.Select(d => new CtrDeprecation { Id = d.Id, Message = d.Message, LastOccurrence = d.LastOccurrence.Local() ?? default })],
        };
    }

    /// <summary>Closes the connection, once clean-up that is under way is done, for at most ten seconds. What runs in containers goes on.</summary>
    public void Dispose()
    {
        UnfinishedWork.Wait(this);
        Session.State = CtrSessionState.Closed;
        _closing.Cancel();
        _channel.Dispose();
        _tunnel?.Dispose();
    }

    /// <summary>Stubs' calls in a namespace, and under a lease where one protects what they write.</summary>
    internal CallInvoker Calls(string containerdNamespace, string? lease = null)
    {
        if (Closed() is { } error)
            throw error;
        return _calls.Intercept(new CallInterceptor(_terms, containerdNamespace)).Intercept(new NamespaceInterceptor(containerdNamespace, lease));
    }

    /// <summary>The error for who uses a session that is closed; null while it is open.</summary>
    private CtrConnectionException? Closed() => Session.State != CtrSessionState.Closed ? null : new CtrConnectionException($"The session '{Session}' is closed.")
    {
        ErrorId = "SessionClosed",
        Subject = Session.Name,
        Remedy = "Open a new one with Connect-CtrSession.",
    };

    /// <summary>The time that one answer has, in a form that a timer accepts.</summary>
    internal TimeSpan AnswerTime => _terms.Limits.Of(CallKind.Change);

    /// <summary>The time without an answer after which a daemon that is watched counts as silent.</summary>
    internal TimeSpan SilencePatience => _terms.Limits.HeartbeatPatience;

    /// <summary>Makes sure that the daemon answers at all, for a caller whose own time is over and who wants to know why.</summary>
    /// <param name="patience">How long it may take.</param>
    /// <exception cref="CtrTimeoutException">The daemon does not answer (DaemonTimedOut), or the ssh connection to it (SshTimedOut).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task RequireAnswerAsync(TimeSpan patience)
    {
        if (await WhoIsSilentAsync(patience).ConfigureAwait(false) is { } party)
            throw TimeoutErrors.NoAnswer(party, Session.Address, patience);
    }

    /// <summary>Asks the daemon for its version, on the connection that all calls share.</summary>
    /// <param name="patience">How long it may take.</param>
    /// <returns>Who is silent; null for nobody, and where the connection is lost, which the calls themselves report.</returns>
    internal async Task<SilentParty?> WhoIsSilentAsync(TimeSpan patience)
    {
        try
        {
            await new WireVersion.Version.VersionClient(_calls)
                .VersionAsync(new Google.Protobuf.WellKnownTypes.Empty(), deadline: DateTime.UtcNow + patience, cancellationToken: Closing)
                .ResponseAsync.ConfigureAwait(false);
            _terms.Silent = null;
            return null;
        }
        catch (Exception e) when (e is RpcException { StatusCode: StatusCode.DeadlineExceeded } || (e is OperationCanceledException && !Closing.IsCancellationRequested))
        {
            return _tunnel is not null && await _tunnel.IsSilentAsync().ConfigureAwait(false) ? SilentParty.Ssh : SilentParty.Daemon;
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>Waits until the daemon answers again after a call lost it.</summary>
    /// <exception cref="CtrConnectionException">It did not come back in time.</exception>
    internal async Task AwaitReturnAsync(TimeSpan patience, CancellationToken cancellation)
    {
        var giveUp = LongTime.After(patience) ?? DateTime.MaxValue;
        var pause = TimeSpan.FromMilliseconds(100);
        while (true)
        {
            try
            {
                LocalDaemon = await ReachAsync(Address, _tunnel, cancellation).ConfigureAwait(false);
                await VersionAsync(TimeSpan.FromSeconds(2), cancellation).ConfigureAwait(false);
                return;
            }
            catch (CtrException) when (DateTime.UtcNow < giveUp && Session.State == CtrSessionState.Opened)
            {
                await Task.Delay(pause, cancellation).ConfigureAwait(false);
                // Each attempt is a login, which hosts count.
                if (_tunnel is not null && pause < LongestPause)
                    pause *= 2;
            }
        }
    }

    /// <summary>Sees to it that there is a way to the daemon, or says at once that there is none; tells who serves a socket of this machine.</summary>
    private static async Task<LocalDaemon?> ReachAsync(ContainerdAddress address, SshTunnel? tunnel, CancellationToken cancellation)
    {
        if (tunnel is null)
            return await DaemonEndpoint.ProbeAsync(address, cancellation).ConfigureAwait(false);
        await tunnel.EnsureAsync(cancellation).ConfigureAwait(false);
        return null;
    }

    private async Task IdentifyAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        try
        {
            var reply = await new WireIntrospection.Introspection.IntrospectionClient(Calls(Session.Namespace))
                .ServerAsync(new Google.Protobuf.WellKnownTypes.Empty(), deadline: LongTime.After(timeout), cancellationToken: cancellation)
                .About(Resource.Daemon).ConfigureAwait(false);
            Uuid = reply.Uuid;
        }
        catch (CtrNotSupportedException)
        {
            // A daemon with its introspection plugin switched off is still a containerd.
        }
    }

    internal static GrpcChannel OpenChannel(ContainerdAddress address, SshTunnel? tunnel = null, Action<LocalDaemon?>? met = null)
    {
        var handler = new SocketsHttpHandler
        {
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            EnableMultipleHttp2Connections = true,
            UseProxy = false,
        };
        if (tunnel is not null)
            handler.ConnectCallback = (_, cancellation) => tunnel.ConnectAsync(cancellation);
        else if (address.IsLocal)
            handler.ConnectCallback = (_, cancellation) => DaemonEndpoint.OpenAsync(address, met, cancellation);
        return GrpcChannel.ForAddress(handler.ConnectCallback is null ? address.Path : "http://localhost", new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = LargestMessage,
            MaxSendMessageSize = LargestMessage,
            ThrowOperationCanceledOnCancellation = true,
        });
    }

    internal static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}

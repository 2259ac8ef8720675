using System.Collections.Concurrent;
using System.Diagnostics;
using Containerd.Client.Transport.Addresses;
using Containerd.Client.Transport.Ssh;
using Containerd.Host;
using Containerd.Host.Errors;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;
using WireIntrospection = Containerd.Client.Wire.Introspection;
using WireVersion = Containerd.Client.Wire.Versions;

namespace Containerd.Client.Transport;

/// <summary>
/// The connection to one daemon, below all services: a single HTTP/2 channel that all threads share and that reconnects after a restart of
/// the daemon. It handles addresses, deadlines and silence, and does not know containers.
/// </summary>
internal sealed class DaemonConnection : IDisposable
{
    /// <summary>The largest message that containerd accepts and sends, in bytes.</summary>
    private const int LargestMessage = 16 * 1024 * 1024;

    private static readonly ConcurrentDictionary<DaemonConnection, bool> Open = new();
    private static int _count;

    /// <summary>The maximum delay between two attempts to reach an unavailable host.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly GrpcChannel _channel;
    private readonly CallInvoker _calls;
    private readonly SshTunnel? _tunnel;
    private readonly CancellationTokenSource _closing = new();
    private readonly CallTerms _terms;

    // All exceptions of gRPC come from here.
    static DaemonConnection() => ClientErrors.Register(RpcErrors.TranslateUnknown);

    private DaemonConnection(
        ContainerdAddress address,
        GrpcChannel channel,
        SshTunnel? tunnel,
        LocalDaemon? daemon,
        CtrSession session,
        CallLimits limits,
        CallInvoker? calls = null
    )
    {
        _terms = new CallTerms
        {
            Address = session.Address,
            Limits = limits,
            Probe = WhoIsSilentAsync,
            Heartbeat = new Heartbeat(limits.HeartbeatInterval, () => WhoIsSilentAsync(limits.HeartbeatPatience)),
            Closed = Closed,
            Connection = this,
        };
        Address = address;
        _channel = channel;
        _calls = calls ?? channel.CreateCallInvoker();
        _tunnel = tunnel;
        LocalDaemon = daemon;
        Session = session;
    }

    /// <summary>The address of the daemon.</summary>
    internal ContainerdAddress Address { get; }

    /// <summary>The model's handle of this connection.</summary>
    internal CtrSession Session { get; }

    /// <summary>The daemon's process, if it serves a unix socket of this machine; otherwise null.</summary>
    internal LocalDaemon? LocalDaemon { get; private set; }

    /// <summary>The daemon's identity, which survives its restarts (introspection.v1 Server).</summary>
    internal string Uuid { get; private set; } = "";

    /// <summary>The folder for the helper program; null for one in the data of the daemon.</summary>
    internal string? HelperFolder { get; private init; }

    /// <summary>The time limit for the daemon's answer to a call; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    internal TimeSpan OperationTimeout => _terms.Limits.Operation;

    /// <summary>Cancelled when the connection is closed: background work ends with it.</summary>
    internal CancellationToken Closing => _closing.Token;

    /// <summary>The time limit for one answer, in a form that a timer accepts.</summary>
    internal TimeSpan AnswerTime => _terms.Limits.Of(CallKind.Change);

    /// <summary>The time without an answer after which a monitored daemon is considered silent.</summary>
    internal TimeSpan SilencePatience => _terms.Limits.HeartbeatPatience;

    /// <summary>Opens a connection and verifies that containerd answers.</summary>
    /// <param name="options">The connection options.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The open connection.</returns>
    internal static async Task<DaemonConnection> OpenAsync(ConnectOptions options, CancellationToken cancellationToken)
    {
        var address = AddressOf(options.Address);
        var inNamespace = ContainerdNames.RequireNamespace(
            options.Namespace ?? EnvironmentVariable.Get("CONTAINERD_NAMESPACE") ?? "default"
        );
        if (options.Ssh is { } given && !address.IsSsh && (given.KeyFilePath is not null || given.Options.Count > 0))
        {
            throw new CtrArgumentException($"A key file and SSH options apply only to SSH addresses; '{address}' is not one.")
            {
                ErrorId = ErrorIds.ConflictingParameters,
                Subject = address.ToString(),
                RemedyId = "SshAddress",
                Remedy = "Use an address such as ssh://root@host.",
            };
        }

        if (options.HelperFolder is not null && !address.IsLocal)
        {
            throw new CtrArgumentException(
                $"A folder for the helper program applies only to a daemon on this machine; '{address}' is not one."
            )
            {
                ErrorId = ErrorIds.ConflictingParameters,
                Subject = address.ToString(),
                RemedyId = "HelperFolder",
                Remedy = "Omit the folder.",
            };
        }

        var clock = Stopwatch.StartNew();
        var tunnel = address.IsSsh ? new SshTunnel(address, options.Ssh ?? new SshOptions(), LongTime.Comparable(options.Timeout)) : null;
        LocalDaemon? daemon;
        try
        {
            daemon = await ReachAsync(address, tunnel, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            tunnel?.Dispose();
            throw;
        }

        // Over SSH most of the time may have passed; a running daemon answers within milliseconds.
        TimeSpan Left() =>
            tunnel is null
                ? options.Timeout
                : TimeSpan.FromTicks(Math.Max((LongTime.Comparable(options.Timeout) - clock.Elapsed).Ticks, TimeSpan.TicksPerSecond / 2));
        var session = new CtrSession { Address = address.ToString(), Namespace = inNamespace };
        DaemonConnection? connection = null;
        var channel = OpenChannel(address, tunnel, met =>
        {
            if (connection is not null)
                connection.LocalDaemon = met;
        });
        var calls = options.Interceptor is { } interceptor ? channel.CreateCallInvoker().Intercept(interceptor) : null;
        connection = new DaemonConnection(address, channel, tunnel, daemon, session, new CallLimits(options.OperationTimeout), calls)
        {
            HelperFolder = options.HelperFolder is { } folder ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) : null,
        };
        try
        {
            var version = await connection.VersionAsync(Left(), cancellationToken).ConfigureAwait(false);
            session.Version = version.Version;
            await connection.IdentifyAsync(Left(), cancellationToken).ConfigureAwait(false);
        }
        catch (CtrConnectionException e) when (e.ErrorId == ErrorIds.DaemonUnavailable)
        {
            connection.Dispose();
            throw new CtrConnectionException($"The process listening on {address} is not containerd.", e.InnerException)
            {
                ErrorId = ErrorIds.NotContainerd,
                Subject = address.ToString(),
                Remedy = "Check which process listens there; containerd's own socket is usually unix:///run/containerd/containerd.sock.",
            };
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        Open[connection] = true;
        session.Id = Interlocked.Increment(ref _count);
        session.Name = options.Name ?? $"Session{session.Id}";
        return connection;
    }

    /// <summary>An open connection to an address; null for none.</summary>
    internal static DaemonConnection? FindOpen(string address) => Open.Keys.FirstOrDefault(c => c.Session.Address == address);

    /// <summary>A connection with redirected calls, for tests of behavior that cannot be provoked in a daemon.</summary>
    internal static DaemonConnection Over(CallInvoker calls)
    {
        var address = ContainerdAddress.Parse("http://localhost:1");
        return new DaemonConnection(
            address,
            OpenChannel(address),
            null,
            null,
            new CtrSession { Address = address.ToString() },
            new CallLimits(CallLimits.Default),
            calls
        );
    }

    /// <summary>Resolves an address: the specified one, or else <c>$CONTAINERD_ADDRESS</c>, or else the platform's default.</summary>
    /// <param name="given">The specified address; null for none.</param>
    internal static ContainerdAddress AddressOf(string? given) =>
        (given ?? EnvironmentVariable.Get("CONTAINERD_ADDRESS")) is string text
            ? ContainerdAddress.Parse(text)
            : ContainerdAddress.PlatformDefault;

    /// <summary>Opens the channel to an address.</summary>
    internal static GrpcChannel OpenChannel(ContainerdAddress address, SshTunnel? tunnel = null, Action<LocalDaemon?>? met = null)
    {
        var handler = new SocketsHttpHandler
        {
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            EnableMultipleHttp2Connections = true,
            UseProxy = false,
        };
        if (tunnel is not null)
            handler.ConnectCallback = (_, cancellationToken) => tunnel.ConnectAsync(cancellationToken);
        else if (address.IsLocal)
            handler.ConnectCallback = (_, cancellationToken) => DaemonEndpoint.OpenAsync(address, met, cancellationToken);
        return GrpcChannel.ForAddress(
            handler.ConnectCallback is null ? address.Path : "http://localhost",
            new GrpcChannelOptions
            {
                HttpHandler = handler,
                DisposeHttpClient = true,
                MaxReceiveMessageSize = LargestMessage,
                MaxSendMessageSize = LargestMessage,
                ThrowOperationCanceledOnCancellation = true,
            }
        );
    }

    /// <summary>The daemon's version (version.v1 Version).</summary>
    /// <param name="timeout">The time limit.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal async Task<CtrVersion> VersionAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var reply = await new WireVersion.Version.VersionClient(Calls(Session.Namespace))
            .VersionAsync(
                new Google.Protobuf.WellKnownTypes.Empty(),
                deadline: LongTime.After(timeout),
                cancellationToken: cancellationToken
            )
            .TranslateErrors(Resource.Daemon, Address.ToString())
            .ConfigureAwait(false);
        return new CtrVersion
        {
            Version = DaemonVersion.Normalize(reply.Version),
            Revision = reply.Revision,
            ClientVersion = typeof(DaemonConnection).Assembly.GetName().Version?.ToString(3) ?? "",
            Session = Session,
        };
    }

    /// <summary>The invoker for a namespace's calls, and for a lease that protects what they write.</summary>
    internal CallInvoker Calls(string containerdNamespace, string? lease = null)
    {
        if (Closed() is { } error)
            throw error;
        return _calls
            .Intercept(new CallInterceptor(_terms, containerdNamespace))
            .Intercept(new NamespaceInterceptor(containerdNamespace, lease));
    }

    /// <summary>Verifies that the daemon answers, for a caller that has reached its own time limit and wants to know the reason.</summary>
    /// <param name="patience">The time limit.</param>
    /// <exception cref="CtrTimeoutException">
    /// The daemon does not answer (DaemonTimedOut), or the ssh connection to it (SshTimedOut).
    /// </exception>
    internal async Task RequireAnswerAsync(TimeSpan patience)
    {
        if (await WhoIsSilentAsync(patience).ConfigureAwait(false) is { } party)
            throw TimeoutErrors.NoAnswer(party, Session.Address, patience);
    }

    /// <summary>Queries the daemon's version, on the connection that all calls share.</summary>
    /// <param name="patience">The time limit.</param>
    /// <returns>The silent party; null for none, and if the connection is lost, which the calls themselves report.</returns>
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
        catch (Exception e)
            when (e is RpcException { StatusCode: StatusCode.DeadlineExceeded }
                || (e is OperationCanceledException && !Closing.IsCancellationRequested)
            )
        {
            return _tunnel is not null && await _tunnel.IsSilentAsync().ConfigureAwait(false) ? SilentParty.Ssh : SilentParty.Daemon;
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>The cgroup version of the daemon's host, as the daemon sees it.</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The version; unknown if the host cannot be examined.</returns>
    internal async Task<CgroupVersion> CgroupVersionAsync(CancellationToken cancellationToken) =>
        _tunnel is not null ? await _tunnel.CgroupVersionAsync(cancellationToken).ConfigureAwait(false)
        : LocalDaemon?.CgroupVersion() is int v and > 0 ? (CgroupVersion)v
        : CgroupVersion.Unknown;

    /// <summary>Waits until the daemon answers again after a call lost it.</summary>
    /// <exception cref="CtrConnectionException">It did not become available in time.</exception>
    internal async Task AwaitReturnAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var giveUp = LongTime.After(patience) ?? DateTime.MaxValue;
        var pause = TimeSpan.FromMilliseconds(100);
        while (true)
        {
            try
            {
                LocalDaemon = await ReachAsync(Address, _tunnel, cancellationToken).ConfigureAwait(false);
                await VersionAsync(TimeSpan.FromSeconds(2), cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (CtrException) when (DateTime.UtcNow < giveUp && Session.State == CtrSessionState.Opened)
            {
                await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
                // Each attempt is a login, and hosts limit logins.
                if (_tunnel is not null && pause < LongestPause)
                    pause *= 2;
            }
        }
    }

    /// <summary>Closes the connection after running clean-up has finished, within ten seconds. Containers keep running.</summary>
    public void Dispose()
    {
        BackgroundWork.Wait(this);
        Open.TryRemove(this, out _);
        Session.State = CtrSessionState.Closed;
        _closing.Cancel();
        _channel.Dispose();
        _tunnel?.Dispose();
    }

    /// <summary>Verifies that the daemon can be reached; returns the process that serves a local socket.</summary>
    private static async Task<LocalDaemon?> ReachAsync(ContainerdAddress address, SshTunnel? tunnel, CancellationToken cancellationToken)
    {
        if (tunnel is null)
            return await DaemonEndpoint.ProbeAsync(address, cancellationToken).ConfigureAwait(false);
        await tunnel.EnsureAsync(cancellationToken).ConfigureAwait(false);
        return null;
    }

    /// <summary>The error for the use of a session that is closed; null while it is open.</summary>
    private CtrConnectionException? Closed() =>
        Session.State != CtrSessionState.Closed
            ? null
            : new CtrConnectionException($"The session '{Session}' is closed.")
            {
                ErrorId = ErrorIds.SessionClosed,
                Subject = Session.Name,
                Remedy = "Open a new session.",
            };

    private async Task IdentifyAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        try
        {
            var reply = await new WireIntrospection.Introspection.IntrospectionClient(Calls(Session.Namespace))
                .ServerAsync(
                    new Google.Protobuf.WellKnownTypes.Empty(),
                    deadline: LongTime.After(timeout),
                    cancellationToken: cancellationToken
                )
                .TranslateErrors(Resource.Daemon)
                .ConfigureAwait(false);
            Uuid = reply.Uuid;
        }
        catch (CtrNotSupportedException)
        {
            // A daemon with a disabled introspection plugin is still containerd.
        }
    }
}

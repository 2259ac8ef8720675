using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Containerd.Host;

namespace Containerd.Client.Transport.Ssh;

/// <summary>
/// The tunnel to a daemon on another host: the user's own ssh forwards a socket in a private folder to that of the daemon (ssh -L). It runs
/// in a separate session, so that it does not receive Ctrl+C of a terminal, and ends with this process in every case (tunnel.sh). A lost
/// tunnel is created again when the next connection is requested.
/// </summary>
internal sealed class SshTunnel : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>The maximum delay of ssh's last messages after the event that they report.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(500);

    /// <summary>The time limit for a host that answers to reject a stream.</summary>
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(2);

    private readonly object _gate = new();
    private readonly ContainerdAddress _address;
    private readonly SshOptions _options;
    private readonly TimeSpan _timeout;
    private readonly CancellationTokenSource _closing = new();
    private readonly SemaphoreSlim _probing = new(1);
    private CgroupVersion? _cgroupVersion;
    private Task<SshProcess>? _process;

    /// <summary>Prepares a tunnel, which is started when it is needed.</summary>
    /// <param name="address">The destination.</param>
    /// <param name="options">Additional options for ssh.</param>
    /// <param name="timeout">The time limit for the connection.</param>
    internal SshTunnel(ContainerdAddress address, SshOptions options, TimeSpan timeout)
    {
        options.Require();
        _address = address;
        _options = options;
        _timeout = timeout;
    }

    /// <summary>Ensures that the tunnel is open. Concurrent callers share the attempt.</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrConnectionException">SshNotFound, SshHostUnreachable, SshHostKeyUnknown, SshHostKeyChanged.</exception>
    /// <exception cref="CtrPermissionException">SshLoginFailed.</exception>
    /// <exception cref="CtrArgumentException">InvalidSshOption.</exception>
    internal Task EnsureAsync(CancellationToken cancellationToken) => GetAsync(cancellationToken);

    /// <summary>Opens a stream through the tunnel.</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal async ValueTask<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        for (var clock = Stopwatch.StartNew(); ; )
        {
            var process = await GetAsync(cancellationToken).ConfigureAwait(false);
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                var before = process.Count;
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(process.SocketPath), cancellationToken).ConfigureAwait(false);
                return new TunnelStream(new NetworkStream(socket, ownsSocket: true), () => RefusalAsync(process, before));
            }
            catch (SocketException e)
            {
                socket.Dispose();
                if (clock.Elapsed > _timeout)
                    throw SshErrors.Unreachable(_address, $"the tunnel does not accept connections ({e.SocketErrorCode}).");
                // The socket exists slightly before ssh listens on it; or ssh has just ended, and another one is started.
                await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }

    /// <summary>
    /// Whether the connection to the host is silent: ssh, the network, or the host itself. A second forward refers to a socket that does
    /// not exist there, so that the host's rejection shows that all of them respond.
    /// </summary>
    internal async Task<bool> IsSilentAsync()
    {
        Task<SshProcess>? made;
        lock (_gate)
            made = _process;
        if (made is not { IsCompletedSuccessfully: true, Result: { Runs: true } process })
            return true;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var patience = new CancellationTokenSource(ProbePatience);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(process.ProbePath), patience.Token).ConfigureAwait(false);
            await socket.ReceiveAsync(new byte[1], patience.Token).ConfigureAwait(false);
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
        catch (SocketException)
        {
            // Rejected in another way: the host has responded.
            return false;
        }
    }

    /// <summary>The version of the host's cgroup file system, which the first call determines.</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal async Task<CgroupVersion> CgroupVersionAsync(CancellationToken cancellationToken)
    {
        await _probing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return _cgroupVersion ??= await SshHostProbe
                .CgroupVersionAsync(_address, _options, _timeout, cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            _probing.Release();
        }
    }

    /// <summary>Ends ssh at once.</summary>
    public void Dispose()
    {
        Task<SshProcess>? process;
        lock (_gate)
        {
            if (_closing.IsCancellationRequested)
                return;
            _closing.Cancel();
            process = _process;
        }

        if (process is null)
            return;
        // An attempt in progress ends by the cancellation; if it still succeeds, it ends here, even if later.
        var ended = process.ContinueWith(
            made => made.Result.Dispose(),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
        Task.WhenAny(ended).Wait(SshProcess.EndPatience + TimeSpan.FromSeconds(1));
    }

    private async Task<SshProcess> GetAsync(CancellationToken cancellationToken)
    {
        var process = Current(out var isNew);
        try
        {
            return await process.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (CtrConnectionException e) when (!isNew && e.ErrorId == ErrorIds.SshHostUnreachable)
        {
            // That attempt started before this call, and the host may be available again.
            return await Current(out _).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private Task<SshProcess> Current(out bool isNew)
    {
        isNew = false;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
            if (
                _process is null
                || _process.IsFaulted
                || _process.IsCanceled
                || (_process.IsCompletedSuccessfully && !_process.Result.Stands)
            )
            {
                if (_process?.IsCompletedSuccessfully == true)
                    _process.Result.Dispose();
                // It outlives the call that starts it, and must not use its context.
                using (ExecutionContext.SuppressFlow())
                    _process = Task.Run(MakeAsync, CancellationToken.None);
                isNew = true;
            }

            return _process;
        }
    }

    private async Task<SshProcess> MakeAsync()
    {
        var process = SshProcess.Start(_address, _options, _timeout);
        try
        {
            var clock = Stopwatch.StartNew();
            // ssh creates the socket once it is logged in.
            while (!File.Exists(process.SocketPath))
            {
                if (!process.Runs)
                    throw SshErrors.Explain(_address, await process.LastWordsAsync(LastWords).ConfigureAwait(false));
                if (clock.Elapsed > _timeout)
                {
                    var last = process.Said.LastOrDefault(line => line.Length > 0);
                    throw SshErrors.Unreachable(
                        _address,
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"it did not accept the connection within {_timeout.TotalSeconds:0.###} s{(last is null ? "" : $" ({last})")}."
                        )
                    );
                }

                await Task.Delay(Pause, _closing.Token).ConfigureAwait(false);
            }

            return process;
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The reason for which a stream ended before the first byte: the other end was not reached. Null if ssh does not report it.
    /// </summary>
    private async Task<CtrException?> RefusalAsync(SshProcess process, int before)
    {
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(Pause).ConfigureAwait(false))
        {
            // On a busy machine a pause may exceed the time limit: data that has arrived is read before the limit is applied.
            var isLast = clock.Elapsed >= LastWords;
            if (process.Since(before).LastOrDefault(SshErrors.TellsRefusal) is { } line)
                return SshErrors.Forward(_address, line);
            if (isLast)
                return null;
        }
    }
}

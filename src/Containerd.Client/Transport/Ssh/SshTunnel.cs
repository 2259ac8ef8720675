using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using Containerd.Host.Files;
using Containerd.Host.Processes;

namespace Containerd.Client.Transport.Ssh;

/// <summary>
/// The tunnel to a daemon on another host: the user's own ssh forwards a socket in a private folder to that of the daemon (ssh -L). It runs
/// in a separate session, so that it does not receive Ctrl+C of a terminal, and ends with this process in every case (tunnel.sh). A lost
/// tunnel is created again when the next connection is requested.
/// </summary>
internal sealed class SshTunnel : IDisposable
{
    private const int MostLines = 50;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>The maximum delay of ssh's last messages after the event that they report.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromMilliseconds(500);

    /// <summary>The time limit for a host that answers to reject a stream.</summary>
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The time limit for tunnel.sh to end ssh, which it kills after a second. On a busy machine that takes longer than a second.
    /// </summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(5);

    private readonly object _gate = new();
    private readonly ContainerdAddress _address;
    private readonly SshOptions _options;
    private readonly TimeSpan _timeout;
    private readonly CancellationTokenSource _closing = new();
    private Task<Way>? _way;

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
    /// <param name="cancellationToken">Gives up waiting.</param>
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
            var way = await GetAsync(cancellationToken).ConfigureAwait(false);
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                var before = way.Count;
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(way.SocketPath), cancellationToken).ConfigureAwait(false);
                return new TunnelStream(new NetworkStream(socket, ownsSocket: true), () => RefusalAsync(way, before));
            }
            catch (SocketException e)
            {
                socket.Dispose();
                if (clock.Elapsed > _timeout)
                    throw SshErrors.Unreachable(_address, $"the tunnel takes no connections ({e.SocketErrorCode}).");
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
        Task<Way>? made;
        lock (_gate)
            made = _way;
        if (made is not { IsCompletedSuccessfully: true, Result: { Runs: true } way })
            return true;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var patience = new CancellationTokenSource(ProbePatience);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(way.ProbePath), patience.Token).ConfigureAwait(false);
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

    /// <summary>Ends ssh at once.</summary>
    public void Dispose()
    {
        Task<Way>? way;
        lock (_gate)
        {
            if (_closing.IsCancellationRequested)
                return;
            _closing.Cancel();
            way = _way;
        }

        if (way is null)
            return;
        // An attempt in progress ends by the cancellation; if it still succeeds, it ends here, even if later.
        var ended = way.ContinueWith(
            made => made.Result.Dispose(),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnRanToCompletion | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default
        );
        Task.WhenAny(ended).Wait(EndPatience + TimeSpan.FromSeconds(1));
    }

    private async Task<Way> GetAsync(CancellationToken cancellationToken)
    {
        var way = Current(out var isNew);
        try
        {
            return await way.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (CtrConnectionException e) when (!isNew && e.ErrorId == "SshHostUnreachable")
        {
            // That attempt started before this call, and the host may be available again.
            return await Current(out _).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private Task<Way> Current(out bool isNew)
    {
        isNew = false;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, this);
            if (_way is null || _way.IsFaulted || _way.IsCanceled || (_way.IsCompletedSuccessfully && !_way.Result.Stands))
            {
                if (_way?.IsCompletedSuccessfully == true)
                    _way.Result.Dispose();
                // It outlives the call that starts it, and must not use its context.
                using (ExecutionContext.SuppressFlow())
                    _way = Task.Run(MakeAsync, CancellationToken.None);
                isNew = true;
            }

            return _way;
        }
    }

    private async Task<Way> MakeAsync()
    {
        var way = Way.Start(_address, _options, _timeout);
        try
        {
            var clock = Stopwatch.StartNew();
            // ssh creates the socket once it is logged in.
            while (!File.Exists(way.SocketPath))
            {
                if (!way.Runs)
                    throw SshErrors.Explain(_address, await way.LastWordsAsync(LastWords).ConfigureAwait(false));
                if (clock.Elapsed > _timeout)
                {
                    var last = way.Said.LastOrDefault(line => line.Length > 0);
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

            return way;
        }
        catch
        {
            way.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The reason for which a stream ended before the first byte: the other end was not reached. Null if ssh does not report it.
    /// </summary>
    private async Task<CtrException?> RefusalAsync(Way way, int before)
    {
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(Pause).ConfigureAwait(false))
        {
            // On a busy machine a pause may exceed the time limit: data that has arrived is read before the limit is applied.
            var isLast = clock.Elapsed >= LastWords;
            if (way.Since(before).LastOrDefault(SshErrors.TellsRefusal) is { } line)
                return SshErrors.Forward(_address, line);
            if (isLast)
                return null;
        }
    }

    /// <summary>One ssh process, from its start to its exit.</summary>
    private sealed class Way : IDisposable
    {
        private const string Shell = "/bin/sh";
        private static readonly string Script = ReadScript();

        private readonly Process _process;
        private readonly string _folder;
        private readonly List<string> _said = [];
        private readonly Task _listening;
        private int _dropped;

        private Way(Process process, string folder, string socketPath)
        {
            _process = process;
            _folder = folder;
            SocketPath = socketPath;
            // The script and ssh do not write to it.
            process.StandardOutput.Close();
            // A read of a pipe blocks its thread. On the thread pool, where other work waits too, a line would be read too late to explain
            // the end of a stream.
            _listening = Task.Factory.StartNew(
                () => Listen(process.StandardError),
                CancellationToken.None,
                TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
                TaskScheduler.Default
            );
        }

        /// <summary>The near end.</summary>
        internal string SocketPath { get; }

        /// <summary>The near end of a forward whose far end does not exist.</summary>
        internal string ProbePath => Path.Combine(_folder, "p");

        /// <summary>Whether ssh runs.</summary>
        internal bool Runs => !_process.HasExited;

        /// <summary>Whether the tunnel can be used.</summary>
        internal bool Stands => Runs && File.Exists(SocketPath);

        /// <summary>The last lines of ssh's output.</summary>
        internal IReadOnlyList<string> Said => Since(0);

        /// <summary>The number of lines of its output.</summary>
        internal int Count
        {
            get
            {
                lock (_said)
                    return _dropped + _said.Count;
            }
        }

        /// <summary>Its output after the given number of lines.</summary>
        internal IReadOnlyList<string> Since(int count)
        {
            lock (_said)
                return [.. _said.Skip(count - _dropped)];
        }

        internal static Way Start(ContainerdAddress address, SshOptions options, TimeSpan timeout)
        {
            if (OperatingSystem.IsWindows())
            {
                throw new CtrNotSupportedException("Sessions over SSH require a Unix domain socket, which ssh on Windows cannot create.")
                {
                    ErrorId = "SshNotSupported",
                    Subject = address.ToString(),
                    Remedy = "Run this on Linux (for example in WSL), or on the daemon's host.",
                };
            }

            var ssh = HostProgram.Find("ssh") ?? throw SshErrors.NoProgram(address);
            var setsid = HostProgram.Find("setsid");
            var folder = PrivateFolder.Make("ssh");
            try
            {
                var socketPath = Path.Combine(folder, "s");
                if (Encoding.UTF8.GetByteCount(socketPath) > ContainerdAddress.LongestSocketPath)
                    throw new CtrConnectionException($"The path of the folder for the tunnel's socket is too long: {folder}.")
                    {
                        ErrorId = "SshTunnelFailed",
                        Subject = folder,
                        RemedyId = "ShorterTmpDir",
                        Remedy = "Set the environment variable TMPDIR to a shorter path.",
                    };
                // All three streams are pipes: if one were the terminal, the runtime would treat the terminal as the child's.
                string[] words =
                [
                    .. setsid is null ? Array.Empty<string>() : [Shell],
                    "-c",
                    Script,
                    "tunnel",
                    setsid is null ? "shared" : "own",
                    folder,
                    ssh,
                    .. Arguments(address, options, timeout, socketPath),
                ];
                var start = HostProgram.Prepare(setsid ?? Shell, words);
                start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
                // Its messages are parsed.
                start.Environment["LC_ALL"] = "C";
                if (Asks)
                    start.Environment.TryAdd("SSH_ASKPASS_REQUIRE", "force");
                return new Way(HostProgram.Start(start), folder, socketPath);
            }
            catch
            {
                PrivateFolder.Remove(folder);
                throw;
            }
        }

        /// <summary>The output of ssh after its exit.</summary>
        internal async Task<IReadOnlyList<string>> LastWordsAsync(TimeSpan patience)
        {
            // A helper process of ssh may keep the stream open.
            await Task.WhenAny(_listening, Task.Delay(patience)).ConfigureAwait(false);
            return Said;
        }

        public void Dispose()
        {
            try
            {
                _process.StandardInput.Close();
                if (!_process.WaitForExit(EndPatience))
                    _process.Kill(entireProcessTree: true);
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                // It has exited by itself.
            }

            _process.Dispose();
            PrivateFolder.Remove(_folder);
        }

        /// <summary>
        /// ssh uses the first value of an option: first those that the tunnel requires, then those of the caller, then defaults; the user's
        /// files come last.
        /// </summary>
        private static List<string> Arguments(ContainerdAddress address, SshOptions options, TimeSpan timeout, string socketPath)
        {
            List<string> words = ["-N", "-T"];
            void Set(string name, string value) => words.AddRange(["-o", $"{name}={value}"]);
            // A separate connection, which ends with the session.
            Set("ControlMaster", "no");
            Set("ControlPath", "none");
            Set("PermitLocalCommand", "no");
            // Forwards in the user's files are not used: one whose port is occupied by another ssh of the user must not stop this one.
            Set("ExitOnForwardFailure", "no");
            foreach (var (name, value) in options.Options)
                Set(name, value);
            // No user can answer a prompt.
            if (!Asks)
                Set("BatchMode", "yes");
            // A host that becomes unreachable is detected within a quarter of a minute.
            Set("ServerAliveInterval", "5");
            Set("ServerAliveCountMax", "3");
            Set(
                "ConnectTimeout",
                Math.Max(1, (long)Math.Ceiling(Math.Min(timeout.TotalSeconds, 3600))).ToString(CultureInfo.InvariantCulture)
            );
            Set("LogLevel", "INFO");
            // ssh expands text after a %.
            if (options.KeyFilePath is { } key)
                words.AddRange(["-i", key.Replace("%", "%%", StringComparison.Ordinal)]);
            if (address.Port is { } port)
                words.AddRange(["-p", port.ToString(CultureInfo.InvariantCulture)]);
            if (address.User is { } user)
                words.AddRange(["-l", user]);
            // First the one for checks: it exists when the other one does.
            words.AddRange([
                "-L",
                $"{Path.Combine(Path.GetDirectoryName(socketPath)!, "p")}:/proc/none",
                "-L",
                $"{socketPath}:{address.Path}",
                "--",
                address.Host!,
            ]);
            return words;
        }

        /// <summary>Whether a program of the user prompts for passwords.</summary>
        private static bool Asks => Environment.GetEnvironmentVariable("SSH_ASKPASS") is { Length: > 0 };

        private void Listen(StreamReader stream)
        {
            try
            {
                while (stream.ReadLine() is { } line)
                {
                    lock (_said)
                    {
                        _said.Add(line.TrimEnd());
                        if (_said.Count > MostLines)
                        {
                            _said.RemoveAt(0);
                            _dropped++;
                        }
                    }
                }
            }
            catch (Exception e)
                when (e is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
            {
                // No process is listening any more.
            }
        }

        private static string ReadScript()
        {
            using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("tunnel.sh")!;
            return new StreamReader(stream).ReadToEnd();
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text;
using Containerd.Host.Files;
using Containerd.Host.Processes;

namespace Containerd.Client.Transport.Ssh;

/// <summary>One ssh, from its start to its end.</summary>
internal sealed class SshProcess : IDisposable
{
    private const int MostLines = 50;

    /// <summary>
    /// How long tunnel.sh may take to end ssh, which it kills after a second. On a busy machine that takes longer than the second.
    /// </summary>
    internal static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(5);

    private const string Shell = "/bin/sh";
    private static readonly string Script = ReadScript();

    private readonly Process _process;
    private readonly string _folder;
    private readonly List<string> _said = [];
    private readonly Task _listening;
    private int _dropped;

    private SshProcess(Process process, string folder, string socketPath)
    {
        _process = process;
        _folder = folder;
        SocketPath = socketPath;
        // The script and ssh write nothing there.
        process.StandardOutput.Close();
        // A read of a pipe blocks its thread. On the thread pool's, where others wait too, a line would be read too late to explain the
        // end of a stream.
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

    /// <summary>What ssh has said, its last lines.</summary>
    internal IReadOnlyList<string> Said => Since(0);

    /// <summary>How many lines it has said.</summary>
    internal int Count
    {
        get
        {
            lock (_said)
                return _dropped + _said.Count;
        }
    }

    /// <summary>What it has said after its first so many lines.</summary>
    internal IReadOnlyList<string> Since(int count)
    {
        lock (_said)
            return [.. _said.Skip(count - _dropped)];
    }

    internal static SshProcess Start(ContainerdAddress address, SshOptions options, TimeSpan timeout)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new CtrNotSupportedException("Sessions over SSH require a Unix domain socket, which ssh on Windows cannot create.")
            {
                ErrorId = ErrorIds.SshNotSupported,
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
                    ErrorId = ErrorIds.SshTunnelFailed,
                    Subject = folder,
                    RemedyId = "ShorterTmpDir",
                    Remedy = "Set the environment variable TMPDIR to a shorter path.",
                };
            // All three streams are pipes: with one of the terminal's own the runtime would take the terminal for the child's.
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
            // Its sentences are read.
            start.Environment["LC_ALL"] = "C";
            if (Asks)
                start.Environment.TryAdd("SSH_ASKPASS_REQUIRE", "force");
            return new SshProcess(HostProgram.Start(start), folder, socketPath);
        }
        catch
        {
            PrivateFolder.Remove(folder);
            throw;
        }
    }

    /// <summary>What ssh has said when it has ended.</summary>
    internal async Task<IReadOnlyList<string>> LastWordsAsync(TimeSpan patience)
    {
        // A helper of ssh's may hold the stream open.
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
            // It has ended by itself.
        }

        _process.Dispose();
        PrivateFolder.Remove(_folder);
    }

    /// <summary>
    /// ssh takes the first value that it meets: what the tunnel is made of, then what the caller wants, then what is usual here; the
    /// user's files come after all of them.
    /// </summary>
    private static List<string> Arguments(ContainerdAddress address, SshOptions options, TimeSpan timeout, string socketPath)
    {
        List<string> words = ["-N", "-T"];
        void Set(string name, string value) => words.AddRange(["-o", $"{name}={value}"]);
        // A connection of its own, whose end is the session's.
        Set("ControlMaster", "no");
        Set("ControlPath", "none");
        Set("PermitLocalCommand", "no");
        // Forwards of the user's own files are none of ours: one whose port is taken, by another ssh of theirs, must not stop this one.
        Set("ExitOnForwardFailure", "no");
        foreach (var (name, value) in options.Options)
            Set(name, value);
        // Nobody could answer.
        if (!Asks)
            Set("BatchMode", "yes");
        // A host that went away without a word is noticed within a quarter of a minute.
        Set("ServerAliveInterval", "5");
        Set("ServerAliveCountMax", "3");
        Set("ConnectTimeout", Math.Max(1, (long)Math.Ceiling(Math.Min(timeout.TotalSeconds, 3600))).ToString(CultureInfo.InvariantCulture));
        Set("LogLevel", "INFO");
        // ssh expands what follows a %.
        if (options.KeyFilePath is { } key)
            words.AddRange(["-i", key.Replace("%", "%%", StringComparison.Ordinal)]);
        if (address.Port is { } port)
            words.AddRange(["-p", port.ToString(CultureInfo.InvariantCulture)]);
        if (address.User is { } user)
            words.AddRange(["-l", user]);
        // First the one for questions: it is there when the other one is.
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

    /// <summary>Whether a program of the user's asks for passwords.</summary>
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
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // Nobody listens any more.
        }
    }

    private static string ReadScript()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("tunnel.sh")!;
        return new StreamReader(stream).ReadToEnd();
    }
}

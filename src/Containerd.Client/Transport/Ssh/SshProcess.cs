using System.Diagnostics;
using System.Reflection;
using System.Text;
using Containerd.Host.Files;
using Containerd.Host.Processes;

namespace Containerd.Client.Transport.Ssh;

/// <summary>One ssh process, from its start to its exit.</summary>
internal sealed class SshProcess : IDisposable
{
    private const int MostLines = 50;

    /// <summary>
    /// The time limit for tunnel.sh to end ssh, which it kills after a second. On a busy machine that takes longer than a second.
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
        // The script and ssh do not write to it.
        process.StandardOutput.Close();
        // A read of a pipe blocks its thread. On the thread pool, where other work waits too, a line would be read too late to explain the
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
            if (SshArguments.Asks)
                start.Environment.TryAdd("SSH_ASKPASS_REQUIRE", "force");
            return new SshProcess(HostProgram.Start(start), folder, socketPath);
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

    private static List<string> Arguments(ContainerdAddress address, SshOptions options, TimeSpan timeout, string socketPath) =>
        [
            "-N",
            .. SshArguments.Login(address, options, timeout),
            // First the one for checks: it exists when the other one does.
            "-L",
            $"{Path.Combine(Path.GetDirectoryName(socketPath)!, "p")}:/proc/none",
            "-L",
            $"{socketPath}:{address.Path}",
            "--",
            address.Host!,
        ];

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
            // No process is listening any more.
        }
    }

    private static string ReadScript()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("tunnel.sh")!;
        return new StreamReader(stream).ReadToEnd();
    }
}

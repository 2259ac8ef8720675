using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Containerd.Testing;

/// <summary>
/// A Debian machine with systemd and cgroup v2, under software emulation: <c>tests/fixture/vm.sh</c>. It is reached over SSH only, and can
/// reach nothing. All that is written to its disk is discarded at its end, but survives its reboots.
/// </summary>
public sealed class VirtualMachine : IAsyncDisposable
{
    /// <summary>
    /// Emulation takes 35 seconds of processor time for a boot: half a minute on an idle machine, minutes on a busy one.
    /// </summary>
    private static readonly TimeSpan BootPatience = TimeSpan.FromMinutes(10);

    private static readonly string Script = Repository.Fixture("vm.sh");
    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-vm-").FullName;
    private Process? _process;
    private Task<string>? _messages;

    private VirtualMachine() => Port = FreePort();

    /// <summary>The port of this machine that leads to its sshd.</summary>
    public int Port { get; }

    /// <summary>The socket of the distribution's containerd.</summary>
    public const string Socket = "/run/containerd/containerd.sock";

    /// <summary>The socket of a later suite's containerd, which <see cref="StartLaterAsync"/> starts.</summary>
    public const string LaterSocket = "/run/containerd-sid/containerd.sock";

    /// <summary>Parameters for Connect-CtrSession.</summary>
    public string Parameters =>
        $"-HostName root@127.0.0.1 -Port {Port} -KeyFilePath '{KeyFile}' -Options @{{ UserKnownHostsFile = '{KnownHosts}'; "
        + "GlobalKnownHostsFile = '/dev/null'; IdentitiesOnly = $true; IdentityAgent = 'none' }";

    private string KeyFile => Path.Combine(_folder, "id");

    private string KnownHosts => Path.Combine(_folder, "known_hosts");

    /// <summary>Why this machine cannot build or run it, in one line; null if it can.</summary>
    public static async Task<string?> ObstacleAsync() =>
        (await Shell.RunAsync(Script, "check")).Trim() is { Length: > 0 } text ? text : null;

    /// <summary>Builds the image if needed, boots it, and waits until containerd serves.</summary>
    /// <param name="files">A folder whose copy is its second disk, /dev/vdb; null for none.</param>
    public static async Task<VirtualMachine> StartAsync(string? files = null)
    {
        var image = (await Shell.RunAsync(Script, "image")).Trim();
        for (var attempt = 1; ; attempt++)
        {
            var machine = new VirtualMachine();
            try
            {
                await machine.PowerOnAsync(image, files);
                return machine;
            }
            catch (InvalidOperationException e) when (attempt < 3 && e.Message.Contains("host forwarding", StringComparison.Ordinal))
            {
                // Another process has taken the port meanwhile.
                await machine.DisposeAsync();
            }
            catch
            {
                await machine.DisposeAsync();
                throw;
            }
        }
    }

    /// <summary>Runs a script of the shell in it, and returns its output; a failure is an exception with its standard error.</summary>
    public async Task<string> RunScriptAsync(string script)
    {
        var (code, output, error) = await TryAsync(script);
        return code == 0
            ? output
            : throw new InvalidOperationException($"In the virtual machine, '{script}' ended with {code}: {error.Trim()}\n{output}");
    }

    /// <summary>Copies a file of this machine into it, with the folder that it needs there.</summary>
    public async Task CopyAsync(string file, string path)
    {
        await RunScriptAsync($"mkdir -p '{Path.GetDirectoryName(path)}'");
        // A command line has limits; the standard input of a shell has none.
        const string Redirect = "file=$1; shift; exec \"$@\" < \"$file\"";
        string[] words = ["-c", Redirect, "sh", file, "ssh", .. SshWords($"cat > '{path}'")];
        var (code, _, error) = await Shell.TryAsync("sh", words);
        if (code != 0)
            throw new InvalidOperationException($"'{file}' could not be copied into the virtual machine: {error.Trim()}");
    }

    /// <summary>Starts the later suite's containerd, unless it runs, and waits until it serves.</summary>
    public Task StartLaterAsync() => RunScriptAsync("systemctl start containerd-sid.service");

    /// <summary>Reboots it, and waits until containerd serves again.</summary>
    public async Task RebootAsync()
    {
        var before = await BootIdAsync();
        // The connection ends with the machine.
        await TryAsync("systemctl reboot");
        await TryAsync(null, "-O", "exit");
        await UntilServingAsync(before);
    }

    /// <summary>The identity of the current boot.</summary>
    public async Task<string> BootIdAsync() => (await RunScriptAsync("cat /proc/sys/kernel/random/boot_id")).Trim();

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await TryAsync(null, "-O", "exit");
            // The script ends the machine when this end of its standard input is closed.
            _process.StandardInput.Close();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task PowerOnAsync(string image, string? files)
    {
        await Shell.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", KeyFile);
        var hostKey = (await File.ReadAllTextAsync(Path.Combine(image, "hostkey.pub"))).Split(' ');
        await File.WriteAllTextAsync(
            KnownHosts,
            string.Create(CultureInfo.InvariantCulture, $"[127.0.0.1]:{Port} {hostKey[0]} {hostKey[1].Trim()}\n")
        );
        _process = Process.Start(
            new ProcessStartInfo(
                Script,
                [
                    "run",
                    image,
                    _folder,
                    Port.ToString(CultureInfo.InvariantCulture),
                    KeyFile + ".pub",
                    .. files is null ? [] : new[] { files },
                ]
            )
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardError = true,
            }
        )!;
        _messages = _process.StandardError.ReadToEndAsync();
        await UntilServingAsync(null);
    }

    /// <summary>Waits for a boot other than the given one, and for containerd in it.</summary>
    private async Task UntilServingAsync(string? bootBefore)
    {
        // systemctl answers once the jobs that it waits for are done.
        const string Wait =
            "cat /proc/sys/kernel/random/boot_id; until systemctl is-active -q containerd.service && ctr version > /dev/null 2>&1; do sleep 0.5; done";
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            if (_process!.HasExited)
                throw new InvalidOperationException($"The virtual machine has ended: {await _messages!}");
            var (code, output, error) = await TryAsync(Wait);
            if (code == 0 && output.Trim() is { Length: > 0 } boot && boot != bootBefore)
                return;
            if (waiting.Elapsed > BootPatience)
                throw new TimeoutException($"The virtual machine does not serve: {error}\n{await ConsoleAsync()}");
            await Task.Delay(250);
        }
    }

    private async Task<string> ConsoleAsync()
    {
        var log = Path.Combine(_folder, "console.log");
        return File.Exists(log) ? (await File.ReadAllTextAsync(log))[^2000..] : "";
    }

    /// <summary>Calls ssh. All calls share a connection, since a login costs the machine a second.</summary>
    private Task<(int Code, string Output, string Error)> TryAsync(string? script, params string[] options) =>
        Shell.TryAsync("ssh", SshWords(script, options));

    private string[] SshWords(string? script, params string[] options) =>
        [
            "-F",
            "none",
            "-i",
            KeyFile,
            "-o",
            $"UserKnownHostsFile={KnownHosts}",
            "-o",
            "GlobalKnownHostsFile=/dev/null",
            "-o",
            "IdentitiesOnly=yes",
            "-o",
            "IdentityAgent=none",
            "-o",
            "BatchMode=yes",
            "-o",
            "ConnectTimeout=60",
            "-o",
            "ServerAliveInterval=15",
            "-o",
            "ServerAliveCountMax=8",
            "-o",
            "ControlMaster=auto",
            "-o",
            $"ControlPath={Path.Combine(_folder, "ssh")}",
            "-o",
            "ControlPersist=yes",
            "-o",
            "LogLevel=ERROR",
            "-p",
            Port.ToString(CultureInfo.InvariantCulture),
            .. options,
            "root@127.0.0.1",
            .. script is null ? Array.Empty<string>() : [script],
        ];

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Containerd.Testing;

/// <summary>
/// A host with a real sshd: a network namespace of its own, joined to this machine by a pair of virtual interfaces, in which Debian's sshd
/// runs with keys and a
/// configuration of its own. Its files are this machine's, so that a private daemon's socket can be the one there.
/// </summary>
public sealed class TestSshHost : IAsyncDisposable
{
    private static int _count;

    private readonly string _settings;
    private readonly string? _socket;
    private readonly string _name;
    private readonly StringBuilder _log = new();
    private Process? _sshd;

    private TestSshHost(string settings, string? socket)
    {
        _settings = settings;
        _socket = socket;
        // Four bytes of address per host: the process and the number keep those of other runs apart.
        var number = Interlocked.Increment(ref _count);
        _name = string.Create(CultureInfo.InvariantCulture, $"cs{Environment.ProcessId % 100000}x{number}");
        var slot = ((Environment.ProcessId * 7) + number) % 16000;
        Address = string.Create(CultureInfo.InvariantCulture, $"10.{213 + (slot / 8000)}.{slot / 64 % 125}.{(slot % 64 * 4) + 2}");
        Gateway =
            Address[..(Address.LastIndexOf('.') + 1)]
            + (int.Parse(Address[(Address.LastIndexOf('.') + 1)..], CultureInfo.InvariantCulture) - 1).ToString(
                CultureInfo.InvariantCulture
            );
    }

    public const int Port = 2222;

    /// <summary>The host's address.</summary>
    public string Address { get; }

    /// <summary>This machine's address on the way to it, where no sshd listens.</summary>
    public string Gateway { get; }

    /// <summary>Keys, configurations and known hosts.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("containerd-ssh-").FullName;

    /// <summary>A private key that the host accepts.</summary>
    public string KeyFile => Path.Combine(Folder, "id");

    /// <summary>A private key that it rejects.</summary>
    public string OtherKeyFile => Path.Combine(Folder, "other");

    /// <summary>Knows the host's key.</summary>
    public string KnownHosts => Path.Combine(Folder, "known_hosts");

    /// <summary>Parameters for Connect-CtrSession with which nothing of this machine's own SSH files counts.</summary>
    public string Parameters => $"-KeyFilePath '{KeyFile}' -Options {Options()}";

    /// <summary>The process of sshd.</summary>
    public int Pid => _sshd!.Id;

    /// <summary>What sshd has logged.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <summary>Starts a host.</summary>
    /// <param name="settings">Further lines for its sshd_config.</param>
    /// <param name="socket">A daemon's socket that is to lie there at containerd's usual place; null for none.</param>
    public static async Task<TestSshHost> StartAsync(string settings = "", string? socket = null)
    {
        var host = new TestSshHost(settings, socket);
        try
        {
            await host.PrepareAsync();
            await host.RunAsync();
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Options as a hashtable of PowerShell's.</summary>
    public string Options(string? knownHosts = null, string more = "") =>
        $"@{{ UserKnownHostsFile = '{knownHosts ?? KnownHosts}'; GlobalKnownHostsFile = '/dev/null'; IdentitiesOnly = $true; IdentityAgent = 'none'; {more} }}";

    /// <summary>
    /// Makes an ssh that finds this host under other names, as it would by ~/.ssh/config, which ssh looks for where passwd says and nowhere
    /// else.
    /// </summary>
    /// <param name="names">The names, as a Host line has them.</param>
    /// <param name="settings">Further lines about them.</param>
    /// <returns>The folder of that ssh, for the PATH.</returns>
    public async Task<string> MakeClientAsync(string names, string settings = "")
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, "client")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(folder, "ssh_config"),
            $"""
            Host {names}
            HostName {Address}
            Port {Port}
            User root
            IdentityFile {KeyFile}
            IdentitiesOnly yes
            IdentityAgent none
            UserKnownHostsFile {KnownHosts}
            {settings}

            """
        );
        var program = Path.Combine(folder, "ssh");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\nexec /usr/bin/ssh -F {folder}/ssh_config \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return folder;
    }

    /// <summary>Kills sshd with all its connections, like a host that crashes.</summary>
    public async Task KillAsync()
    {
        if (_sshd is null)
            return;
        // Its connections are processes of their own, below it.
        _sshd.Kill(entireProcessTree: true);
        await _sshd.WaitForExitAsync();
        _sshd.Dispose();
        _sshd = null;
    }

    /// <summary>Starts sshd.</summary>
    public async Task RunAsync()
    {
        // ip gives it a mount namespace of its own, too.
        var place = _socket is null
            ? ""
            : $"mkdir -p /run/containerd && mount -t tmpfs tmpfs /run/containerd && ln -s {_socket} /run/containerd/containerd.sock && ";
        var before = Log.Length;
        _sshd = Process.Start(
            new ProcessStartInfo("ip", ["netns", "exec", _name, "sh", "-c", $"{place}exec /usr/sbin/sshd -D -e -f {Folder}/sshd_config"])
            {
                UseShellExecute = false,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        foreach (var stream in new[] { _sshd.StandardError, _sshd.StandardOutput })
            _ = ListenAsync(stream);
        await Eventually.TrueAsync(() =>
            _sshd.HasExited
                ? throw new InvalidOperationException("sshd ended: " + Log)
                : Log.IndexOf("Server listening", before, StringComparison.Ordinal) >= 0
        );
    }

    /// <summary>Disconnects the network: nothing answers any more, and no error is reported.</summary>
    public Task UnplugAsync() => Shell.RunAsync("ip", "link", "set", _name + "h", "down");

    /// <summary>Connects the network again.</summary>
    public Task PlugAsync() => Shell.RunAsync("ip", "link", "set", _name + "h", "up");

    /// <summary>The ssh processes of this machine that lead to this host.</summary>
    public IReadOnlyList<int> Clients()
    {
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                continue;
            try
            {
                var words = File.ReadAllText(Path.Combine(folder, "cmdline")).Split('\0');
                // The program itself, and the shell that watches over it.
                if (
                    words.Any(word => word == "ssh" || word.EndsWith("/ssh", StringComparison.Ordinal))
                    && words.Any(word => word.Contains(Folder, StringComparison.Ordinal))
                )
                    found.Add(pid);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has just exited.
            }
        }

        return found;
    }

    /// <summary>
    /// No ssh leads here any more. All that is one tunnel's is killed at once, and each process takes a moment of its own.
    /// </summary>
    public Task AssertNoClientAsync() => Eventually.TrueAsync(() => Clients().Count == 0, TimeSpan.FromSeconds(5));

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        await Shell.TryAsync("ip", "link", "del", _name + "h");
        await Shell.TryAsync("ip", "netns", "del", _name);
        Directory.Delete(Folder, recursive: true);
    }

    private async Task PrepareAsync()
    {
        foreach (var key in new[] { "hostkey", "id", "other" })
            await Shell.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", Path.Combine(Folder, key));
        File.Copy(KeyFile + ".pub", Path.Combine(Folder, "authorized_keys"));
        await File.WriteAllTextAsync(KnownHosts, Known("hostkey"));
        await File.WriteAllTextAsync(Path.Combine(Folder, "changed_hosts"), Known("other"));
        // Where sshd separates its privileges; Debian makes it with the service.
        Directory.CreateDirectory("/run/sshd");
        await File.WriteAllTextAsync(
            Path.Combine(Folder, "sshd_config"),
            $"""
            {_settings}
            ListenAddress {Address}
            Port {Port}
            HostKey {Folder}/hostkey
            PidFile none
            AuthorizedKeysFile {Folder}/authorized_keys
            StrictModes no
            UsePAM no
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            PermitRootLogin prohibit-password

            """
        );
        await Shell.RunAsync("ip", "netns", "add", _name);
        await Shell.RunAsync("ip", "link", "add", _name + "h", "type", "veth", "peer", "name", _name + "g", "netns", _name);
        await Shell.RunAsync("ip", "addr", "add", Gateway + "/30", "dev", _name + "h");
        await Shell.RunAsync("ip", "link", "set", _name + "h", "up");
        await Shell.RunAsync("ip", "-n", _name, "addr", "add", Address + "/30", "dev", _name + "g");
        await Shell.RunAsync("ip", "-n", _name, "link", "set", _name + "g", "up");
        await Shell.RunAsync("ip", "-n", _name, "link", "set", "lo", "up");
    }

    private string Known(string key) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"[{Address}]:{Port} {string.Join(' ', File.ReadAllText(Path.Combine(Folder, key + ".pub")).Split(' ').Take(2))}\n"
        );

    private async Task ListenAsync(StreamReader stream)
    {
        while (await stream.ReadLineAsync() is { } line)
        {
            lock (_log)
                _log.AppendLine(line);
        }
    }
}

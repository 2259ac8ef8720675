using System.Diagnostics;
using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Ssh;

/// <summary>
/// What can stand between here and a daemon over SSH: one clear error each, with ssh's own words, within the timeout; and no ssh that
/// stays.
/// </summary>
[Collection(SshFixture.Name)]
public sealed class SshFailureTests(SshFixture fixture) : IAsyncDisposable
{
    private readonly Engine _engine = new();

    public async ValueTask DisposeAsync()
    {
        _engine.Dispose();
        // The child processes of ssh exit a moment after the test has killed it.
        await Eventually.TrueAsync(() => fixture.Host.Clients().Count == 0 && SshFixture.Folders().Count == 0);
    }

    [Fact]
    public void A_key_that_is_rejected()
    {
        var error = Refused(Connect(key: fixture.Host.OtherKeyFile), ErrorIds.SshLoginFailed, ErrorCategory.PermissionDenied);
        Assert.Contains("Permission denied (publickey)", error.Exception.Message, StringComparison.Ordinal);
        Assert.IsType<CtrPermissionException>(error.Exception);
        Assert.Contains("ssh-add", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains(
            $"ssh -p {TestSshHost.Port} root@{fixture.Host.Address}",
            error.ErrorDetails.RecommendedAction,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_key_that_others_can_read()
    {
        var open = Path.Combine(fixture.Host.Folder, "open");
        File.Copy(fixture.Host.KeyFile, open, overwrite: true);
        File.SetUnixFileMode(open, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Contains(
            "chmod 600",
            Refused(Connect(key: open), ErrorIds.SshLoginFailed, ErrorCategory.PermissionDenied).ErrorDetails.RecommendedAction,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Only_the_users_own_program_asks_for_the_passphrase_of_a_key()
    {
        var locked = Path.Combine(fixture.Host.Folder, $"locked{Guid.NewGuid():N}");
        await Shell.RunAsync("ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", locked);
        await File.AppendAllTextAsync(Path.Combine(fixture.Host.Folder, "authorized_keys"), await File.ReadAllTextAsync(locked + ".pub"));
        var clock = Stopwatch.StartNew();
        Refused(Connect(key: locked), ErrorIds.SshLoginFailed, ErrorCategory.PermissionDenied);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));

        var program = Path.Combine(fixture.Host.Folder, "askpass");
        await File.WriteAllTextAsync(program, "#!/bin/sh\necho secret\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        var run = await HostProcess.RunAsync(
            $"Import-Module Containerd; Say version (Connect-CtrSession {Arguments(key: locked)}).Version",
            new Dictionary<string, string?> { ["SSH_ASKPASS"] = program }
        );
        Assert.NotEmpty(run["version"]);
        await Eventually.TrueAsync(() => fixture.Host.Clients().Count == 0, TimeSpan.FromSeconds(3));
    }

    [Fact]
    public void A_key_that_does_not_exist()
    {
        Refused(Connect(key: fixture.Host.Folder + "/none"), ErrorIds.PathNotFound, ErrorCategory.ObjectNotFound);
    }

    [Fact]
    public void A_host_whose_key_was_never_accepted()
    {
        var error = Refused(
            Connect(knownHosts: fixture.Host.Folder + "/nobody"),
            ErrorIds.SshHostKeyUnknown,
            ErrorCategory.ConnectionError
        );
        Assert.Contains("Host key verification failed", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("by hand", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        var accepted = fixture.Host.Folder + $"/accepted{Guid.NewGuid():N}";
        _engine.Require(
            $"Connect-CtrSession {Arguments(knownHosts: accepted, options: "StrictHostKeyChecking = 'accept-new'")} | Disconnect-CtrSession"
        );
        Assert.NotEmpty(File.ReadAllText(accepted));
    }

    [Fact]
    public void A_host_whose_key_has_changed()
    {
        var error = Refused(
            Connect(knownHosts: fixture.Host.Folder + "/changed_hosts"),
            ErrorIds.SshHostKeyChanged,
            ErrorCategory.ConnectionError
        );
        Assert.Contains(
            $"ssh-keygen -R '[{fixture.Host.Address}]:{TestSshHost.Port}'",
            error.ErrorDetails.RecommendedAction,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("nosuch.invalid", "not resolve hostname")]
    [InlineData("GATEWAY", "Connection refused")]
    public void A_host_that_does_not_exist(string host, string why)
    {
        var clock = Stopwatch.StartNew();
        var error = Refused(
            Connect(host: host == "GATEWAY" ? fixture.Host.Gateway : host),
            ErrorIds.SshHostUnreachable,
            ErrorCategory.ConnectionError
        );
        Assert.Contains(why, error.Exception.Message, StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_silent_host_costs_no_more_than_the_timeout()
    {
        await using var host = await TestSshHost.StartAsync();
        await Shell.FreezeAsync(host.Pid);
        var clock = Stopwatch.StartNew();
        Refused(Connect(host: host.Address, more: "-Timeout 1500ms"), ErrorIds.SshHostUnreachable, ErrorCategory.ConnectionError);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3.5));
        await Shell.RunAsync("kill", "-CONT", host.Pid.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_silent_daemon_and_a_silent_ssh_are_distinguished()
    {
        await using var host = await TestSshHost.StartAsync(socket: fixture.DaemonFixture.Daemon.SocketPath);
        _engine.Require(
            $"$null = Connect-CtrSession -HostName root@{host.Address} -Port {TestSshHost.Port} -Address {fixture.DaemonFixture.Daemon.SocketPath} {host.Parameters} -OperationTimeout 3s"
        );
        try
        {
            await Shell.FreezeAsync(fixture.DaemonFixture.Daemon.Daemon.Pid);
            var done = _engine.Invoke("Get-CtrTask");
            await Shell.RunAsync("kill", "-CONT", $"{fixture.DaemonFixture.Daemon.Daemon.Pid}");
            Assert.StartsWith("DaemonTimedOut,", done.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
            await Eventually.TrueAsync(() => _engine.Invoke("Get-CtrTask") is { Errors.Count: 0, Exception: null });

            await host.UnplugAsync();
            done = _engine.Invoke("Get-CtrTask");
            await host.PlugAsync();
            Assert.StartsWith("SshTimedOut,", done.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Contains($"ssh://root@{host.Address}", done.Error.Exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            await Shell.RunAsync("kill", "-CONT", $"{fixture.DaemonFixture.Daemon.Daemon.Pid}");
            _engine.Invoke("Disconnect-CtrSession");
        }
    }

    [Fact]
    public async Task Cancellation_is_immediate_and_leaves_no_ssh()
    {
        await using var host = await TestSshHost.StartAsync();
        await Shell.FreezeAsync(host.Pid);
        var running = _engine.Start("Connect-CtrSession " + Arguments(host: host.Address, more: "-Timeout 60"));
        await Eventually.TrueAsync(() => fixture.Host.Clients().Count > 0);
        await Task.Delay(200);
        var clock = Stopwatch.StartNew();
        await running.StopAsync();
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, AtOnce.Limit);
        Assert.IsType<PipelineStoppedException>(running.Wait().Exception);
        await Eventually.TrueAsync(() => fixture.Host.Clients().Count == 0, AtOnce.Limit);
        await Shell.RunAsync("kill", "-CONT", host.Pid.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public void The_listening_process_is_not_an_SSH_server()
    {
        using var listener = new TcpListener(IPAddress.Parse(fixture.Host.Gateway), TestSshHost.Port);
        listener.Start();
        _ = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            await client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());
        });
        Refused(Connect(host: fixture.Host.Gateway), ErrorIds.SshHostUnreachable, ErrorCategory.ConnectionError);
    }

    [Theory]
    [InlineData("/run/nobody/containerd.sock")]
    [InlineData("/etc/passwd")]
    public void A_socket_that_does_not_exist(string socket)
    {
        var clock = Stopwatch.StartNew();
        var error = Refused(Connect(socket: socket), ErrorIds.SshForwardFailed, ErrorCategory.ConnectionError);
        Assert.Contains(socket, error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("ls -l " + socket, error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_server_that_forwards_no_sockets()
    {
        await using var host = await TestSshHost.StartAsync("AllowStreamLocalForwarding no");
        await Trust(host);
        var error = Refused(Connect(host: host.Address), ErrorIds.SshForwardFailed, ErrorCategory.ConnectionError);
        Assert.Contains("AllowStreamLocalForwarding yes", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_daemon_that_stops_behind_an_open_tunnel()
    {
        await using var daemon = await PrivateDaemon.StartAsync();
        _engine.Require("$far = Connect-CtrSession " + Arguments(socket: daemon.SocketPath));
        await Containerd.Client.CtrDaemons.StopAsync(daemon.Daemon.Name, force: true);
        Assert.Equal("SshForwardFailed,Containerd.PowerShell.GetCtrTaskCommand", Eventual("Get-CtrTask -Session $far"));
        _engine.Require("Disconnect-CtrSession $far");

        string Eventual(string script)
        {
            // The first call may be the one that sees the connection end.
            var first = _engine.Invoke(script).Error.FullyQualifiedErrorId;
            return first.StartsWith(ErrorIds.DaemonUnavailable, StringComparison.Ordinal)
                ? _engine.Invoke(script).Error.FullyQualifiedErrorId
                : first;
        }
    }

    [Theory]
    [InlineData("Nonsense = 'yes'", "Bad configuration option")]
    [InlineData("'Host Name' = 'x'", "not an option of ssh")]
    [InlineData("Ciphers = \"a`nb\"", "not an option of ssh")]
    [InlineData("ServerAliveInterval = 'often'", "ssh refuses its options")]
    public void An_option_that_does_not_exist(string option, string why)
    {
        var error = Refused(Connect(options: option), ErrorIds.InvalidSshOption, ErrorCategory.InvalidArgument);
        Assert.Contains(why, error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("ssh_config", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_a_tunnel_requires_cannot_be_changed()
    {
        var master = fixture.Host.Folder + "/master";
        _engine.Require(
            $"$far = Connect-CtrSession {Arguments(options: $"ControlMaster = 'yes'; ControlPath = '{master}'; PermitLocalCommand = $true; LocalCommand = 'touch {master}'")}"
        );
        Assert.False(File.Exists(master));
        _engine.Require("Disconnect-CtrSession $far");
    }

    [Fact]
    public async Task A_missing_ssh_is_reported()
    {
        var folder = Directory.CreateDirectory(Path.Combine(fixture.Host.Folder, $"path{Guid.NewGuid():N}")).FullName;
        File.CreateSymbolicLink(
            folder + "/dotnet",
            Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet"
                ? path
                : (await Shell.RunAsync("which", "dotnet")).Trim()
        );
        var run = await HostProcess.RunAsync(
            """
            Import-Module Containerd
            try { Connect-CtrSession ssh://host } catch { Say id $_.FullyQualifiedErrorId; Say remedy $_.ErrorDetails.RecommendedAction }
            """,
            new Dictionary<string, string?> { ["PATH"] = folder }
        );
        Assert.Equal("SshNotFound,Containerd.PowerShell.ConnectCtrSessionCommand", run["id"]);
        Assert.Contains("openssh-client", run["remedy"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ssh://-oProxyCommand=touch%20x", ErrorIds.InvalidAddress)]
    [InlineData("-HostName '-oProxyCommand=x'", ErrorIds.InvalidAddress)]
    [InlineData("-HostName host -UserName '-x'", ErrorIds.InvalidAddress)]
    [InlineData("-HostName root@host -UserName root", ErrorIds.InvalidAddress)]
    [InlineData("-HostName a, b -Name one", ErrorIds.ConflictingParameters)]
    [InlineData("unix:///a.sock -Options @{ Port = 1 }", ErrorIds.ConflictingParameters)]
    public void Invalid_arguments_are_rejected_before_anything_runs(string arguments, string id)
    {
        var done = _engine.Invoke("Connect-CtrSession " + arguments);
        Assert.Empty(done.Output);
        Assert.All(done.Errors, error => Assert.Equal($"{id},Containerd.PowerShell.ConnectCtrSessionCommand", error.FullyQualifiedErrorId));
        Assert.NotEmpty(done.Errors);
    }

    private async Task Trust(TestSshHost host)
    {
        await File.AppendAllTextAsync(fixture.Host.KnownHosts, await File.ReadAllTextAsync(host.KnownHosts));
        File.Copy(fixture.Host.KeyFile + ".pub", Path.Combine(host.Folder, "authorized_keys"), overwrite: true);
    }

    private string Arguments(
        string? host = null,
        string? key = null,
        string? knownHosts = null,
        string? socket = null,
        string options = "",
        string more = ""
    ) =>
        $"-HostName root@{host ?? fixture.Host.Address} -Port {TestSshHost.Port} -Address {socket ?? fixture.DaemonFixture.Daemon.SocketPath} -KeyFilePath '{key ?? fixture.Host.KeyFile}' -Options {fixture.Host.Options(knownHosts, options)} {more}";

    private Invocation Connect(
        string? host = null,
        string? key = null,
        string? knownHosts = null,
        string? socket = null,
        string options = "",
        string more = ""
    ) => _engine.Invoke("Connect-CtrSession " + Arguments(host, key, knownHosts, socket, options, more));

    private static ErrorRecord Refused(Invocation done, string id, ErrorCategory category) =>
        SshFixture.Refused(done, id, "ConnectCtrSession", category);
}

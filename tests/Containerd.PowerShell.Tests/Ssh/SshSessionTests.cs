using System.Diagnostics;
using System.Globalization;
using Containerd.Client.Workloads.Stats;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Ssh;

/// <summary>Sessions over SSH, through a real sshd: what goes, how a lost tunnel comes back, and that nothing stays.</summary>
[Collection(SshFixture.Name)]
public sealed class SshSessionTests(SshFixture fixture) : IDisposable
{
    private readonly Engine _engine = new();
    private readonly string _id = PrivateDaemon.Unique("c");

    public void Dispose()
    {
        // Other tests have sessions with a virtual machine, at a port of 127.0.0.1, at the same time.
        _engine.Invoke(
            "Get-CtrSession | Where { $_.Address -like 'ssh://*' -and $_.Address -notlike '*@127.0.0.1:*' } | Disconnect-CtrSession"
        );
        _engine.Dispose();
    }

    [Fact]
    public async Task The_life_cycle_of_a_container_works_on_another_host()
    {
        var session = Connect();
        Assert.Equal($"ssh://root@{fixture.Host.Address}:{TestSshHost.Port}{fixture.DaemonFixture.Daemon.SocketPath}", session.Address);
        Assert.NotEmpty(session.Version);
        Assert.Contains("ssh://root@", _engine.Display("Get-CtrSession"), StringComparison.Ordinal);
        Assert.Null(_engine.Require<CtrInfo>("Get-CtrInfo").Pid);
        Assert.Equal([TestImages.Busybox], _engine.Require("Get-CtrImage").Select(image => ((CtrImage)image.BaseObject).Name));

        _engine.Require($"New-CtrContainer {_id} -Image {TestImages.Busybox} -User 1000:1000 -Memory 32m -- sleep 1000");
        Assert.Equal([_id], _engine.Require("(Get-CtrContainer).ContainerId").Select(id => (string)id.BaseObject));
        var task = _engine.Require<CtrTask>($"Start-CtrTask {_id} -NoLog");
        Assert.Equal(CtrStatus.Running, task.Status);
        Assert.Equal("1000", (await Shell.RunAsync("stat", "-c", "%u", $"/proc/{task.Pid}")).Trim());
        Assert.Single(_engine.Require($"Get-CtrProcess {_id}"));
        Assert.Single(_engine.Require($"Get-CtrStats {_id}"));
        var connection = _engine.Require<CtrTaskConnection>($"Connect-CtrTask {_id}");
        Assert.Equal((true, false, false), (connection.Alive, connection.HasInput, connection.HasOutput));
        Assert.Equal(137, _engine.Require<CtrExit>($"Stop-CtrTask {_id} -Timeout 0").ExitCode);
        _engine.Require($"Get-CtrTask {_id} | Remove-CtrTask; Remove-CtrContainer {_id}");
        Assert.Empty(await fixture.DaemonFixture.LeftAsync());
    }

    [Fact]
    public void A_spec_for_another_host_uses_data_of_its_daemon_and_common_defaults()
    {
        var session = _engine.Require<CtrSession>(
            $"$far = Connect-CtrSession ssh://root@{fixture.Host.Address}:{TestSshHost.Port} {fixture.Host.Parameters} -Namespace {fixture.DaemonFixture.Namespace}; $far"
        );
        // containerd's default socket, which requires no path.
        Assert.Equal($"ssh://root@{fixture.Host.Address}:{TestSshHost.Port}", session.Address);
        var spec = _engine.Require<CtrSpec>($"New-CtrSpec x -Image {TestImages.Busybox} -HostNetwork -- true");
        Assert.Contains(spec.Mounts!, mount => mount.Destination == "/etc/resolv.conf");
        Assert.Contains(spec.Linux!.Seccomp!.Architectures!, name =>
            name
            == (
                System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64
                    ? "SCMP_ARCH_AARCH64"
                    : "SCMP_ARCH_X86_64"
            )
        );
        // No fact of this machine, such as its name.
        Assert.DoesNotContain(spec.Process!.Env!, variable => variable.StartsWith("HOSTNAME=", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("echo cgroup-file-system=63677270", 2)]
    [InlineData("echo cgroup-file-system=1021994", 1)]
    [InlineData("false", null)]
    public async Task A_host_that_runs_commands_reports_its_cgroup_version_on_which_specs_depend(string command, int? version)
    {
        await using var host = await TestSshHost.StartAsync($"ForceCommand {command}", fixture.DaemonFixture.Daemon.SocketPath);
        _engine.Require(
            $"$null = Connect-CtrSession -HostName root@{host.Address} -Port {TestSshHost.Port} {host.Parameters} -Namespace {fixture.DaemonFixture.Namespace}"
        );
        var info = _engine.Require<CtrInfo>("Get-CtrInfo");
        Assert.Equal((version, CtrCgroupDriver.Cgroupfs), (info.CgroupVersion, info.CgroupDriver));
        var linux = _engine.Require<CtrSpec>($"New-CtrSpec x -Image {TestImages.Busybox}").Linux!;
        Assert.Equal(version == 2, linux.Namespaces!.Any(space => space.Type == "cgroup"));
        Assert.Equal($"/{fixture.DaemonFixture.Namespace}/x", linux.CgroupsPath);
    }

    [Fact]
    public async Task Two_hosts_are_two_sessions_and_an_unavailable_one_does_not_affect_them()
    {
        await using var other = await TestSshHost.StartAsync();
        await File.AppendAllTextAsync(fixture.Host.KnownHosts, await File.ReadAllTextAsync(other.KnownHosts));
        File.Copy(fixture.Host.KeyFile + ".pub", Path.Combine(other.Folder, "authorized_keys"), overwrite: true);
        foreach (var limit in new[] { 1, 3 })
        {
            var done = _engine.Invoke(
                $"$sessions = Connect-CtrSession -HostName {fixture.Host.Address}, {other.Gateway}, {other.Address} -UserName root -Port {TestSshHost.Port} -Address {fixture.DaemonFixture.Daemon.SocketPath} {fixture.Host.Parameters} -ThrottleLimit {limit}; $sessions"
            );
            Assert.Equal(2, done.Of<CtrSession>().Count());
            Assert.Equal("SshHostUnreachable,Containerd.PowerShell.ConnectCtrSessionCommand", done.Error.FullyQualifiedErrorId);
            Assert.Equal(
                2,
                _engine
                    .Require("Get-CtrVersion -Session $sessions")
                    .Select(version => ((CtrVersion)version.BaseObject).Session!.Address)
                    .Distinct()
                    .Count()
            );
            _engine.Require("$sessions | Disconnect-CtrSession");
        }

        Assert.Empty(fixture.Host.Clients());
    }

    [Fact]
    public async Task The_environment_may_specify_a_host_and_its_config_is_used()
    {
        var client = await fixture.Host.MakeClientAsync(
            "production",
            $"""
            ControlMaster auto
            ControlPath {fixture.Host.Folder}/master
            PermitLocalCommand yes
            LocalCommand touch {fixture.Host.Folder}/commanded
            LogLevel QUIET
            """
        );
        var run = await HostProcess.RunAsync(
            """
            Import-Module Containerd
            Say version (Get-CtrVersion).Version
            Say address (Get-CtrSession).Address
            """,
            new Dictionary<string, string?>
            {
                ["CONTAINERD_ADDRESS"] = "ssh://production",
                ["PATH"] = $"{client}:{Environment.GetEnvironmentVariable("PATH")}",
            }
        );
        Assert.NotEmpty(run["version"]);
        Assert.Equal("ssh://production", run["address"]);
        Assert.False(File.Exists($"{fixture.Host.Folder}/commanded"));
        Assert.False(File.Exists($"{fixture.Host.Folder}/master"));
    }

    [Fact]
    public async Task A_killed_tunnel_is_opened_again_by_the_next_call_and_once_for_all_callers()
    {
        var session = Connect();
        var before = fixture.Host.Clients();
        Assert.NotEmpty(before);
        await KillSshAsync();
        var runs = Enumerable.Range(0, 8).Select(_ => new Engine()).ToList();
        try
        {
            var asked = runs.Select(engine =>
                    engine.Start(
                        "Get-CtrVersion -Session $args[0] | Out-Null; 'ok'".Replace(
                            "$args[0]",
                            $"(Get-CtrSession {session.Name})",
                            StringComparison.Ordinal
                        )
                    )
                )
                .ToList();
            foreach (var one in asked)
                Assert.Equal("ok", Assert.Single(one.Wait().Output).BaseObject);
        }
        finally
        {
            runs.ForEach(engine => engine.Dispose());
        }

        var after = fixture.Host.Clients();
        Assert.Equal(before.Count, after.Count);
        Assert.Empty(before.Intersect(after));
        Assert.Equal(CtrSessionState.Opened, session.State);
    }

    [Fact]
    public async Task A_host_that_becomes_available_again_is_reconnected_and_events_continue()
    {
        await using var host = await TestSshHost.StartAsync();
        var session = _engine.Require<CtrSession>(
            $"$far = Connect-CtrSession -HostName root@{host.Address} -Port {TestSshHost.Port} -Address {fixture.DaemonFixture.Daemon.SocketPath} {host.Parameters} -Namespace {fixture.DaemonFixture.Namespace}; $far"
        );
        using var watching = new Engine();
        var events = watching.Start($"Watch-CtrEvent -Session (Get-CtrSession {session.Name}) -Id {_id}");
        // The stream is known to run when an event has come.
        _engine.Require(
            $"Connect-CtrSession {fixture.DaemonFixture.Daemon.Address} -Namespace {fixture.DaemonFixture.Namespace} -Name near-{_id}"
        );
        _engine.Require($"New-CtrContainer {_id} -Image {TestImages.Busybox} -- true");
        await Eventually.TrueAsync(() =>
        {
            _engine.Require($"Set-CtrContainer {_id} -Label @{{ a = '{Guid.NewGuid()}' }}");
            return events.Output.Count > 0;
        });

        await host.KillAsync();
        await Eventually.TrueAsync(() => host.Clients().Count == 0);
        // A call that was on its way on the old connection is told that it broke; the next one finds no host.
        await Eventually.TrueAsync(() =>
        {
            var clock = Stopwatch.StartNew();
            var away = _engine.Invoke("Get-CtrVersion -Session $far").Error;
            Assert.IsType<CtrConnectionException>(away.Exception);
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, AtOnce.Limit);
            return away.FullyQualifiedErrorId == "SshHostUnreachable,Containerd.PowerShell.GetCtrVersionCommand";
        });
        await host.RunAsync();
        Assert.NotEmpty(_engine.Require<CtrVersion>("Get-CtrVersion -Session $far").Version);

        var count = events.Output.Count;
        await Eventually.TrueAsync(() =>
        {
            _engine.Require($"Set-CtrContainer {_id} -Label @{{ a = '{Guid.NewGuid()}' }}");
            return events.Output.Count > count;
        });
        await events.StopAsync();
        _engine.Require($"Remove-CtrContainer {_id}; Disconnect-CtrSession $far; Disconnect-CtrSession near-{_id}");
        Assert.Empty(host.Clients());
    }

    [Fact]
    public async Task A_host_that_stops_responding_is_detected()
    {
        await using var host = await TestSshHost.StartAsync();
        _engine.Require(
            $"$far = Connect-CtrSession -HostName root@{host.Address} -Port {TestSshHost.Port} -Address {fixture.DaemonFixture.Daemon.SocketPath} {host.Parameters} -Timeout 2"
        );
        await host.UnplugAsync();
        await Eventually.TrueAsync(() => host.Clients().Count == 0, TimeSpan.FromSeconds(30));
        SshFixture.Refused(
            _engine.Invoke("Get-CtrTask -Session $far"),
            ErrorIds.SshHostUnreachable,
            "GetCtrTask",
            System.Management.Automation.ErrorCategory.ConnectionError
        );
        await host.PlugAsync();
        _engine.Require("Get-CtrTask -Session $far; Disconnect-CtrSession $far");
    }

    [Fact]
    public void Disconnecting_ends_ssh_immediately_and_leaves_nothing()
    {
        Connect();
        Assert.NotEmpty(fixture.Host.Clients());
        Assert.NotEmpty(SshFixture.Folders());
        var mode = File.GetUnixFileMode(Directory.GetDirectories(SshFixture.Folders()[0])[0]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, mode);
        var clock = Stopwatch.StartNew();
        _engine.Require("Disconnect-CtrSession $far");
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, AtOnce.Limit);
        Assert.Empty(fixture.Host.Clients());
        Assert.Empty(SshFixture.Folders());
        Assert.Equal(
            "SessionClosed,Containerd.PowerShell.GetCtrTaskCommand",
            _engine.Invoke("Get-CtrTask -Session $far").Error.FullyQualifiedErrorId
        );
    }

    [Fact]
    public async Task Child_processes_of_ssh_end_with_it()
    {
        // The configuration of a jump host.
        var jump =
            $"/usr/bin/ssh -o BatchMode=yes -o UserKnownHostsFile={fixture.Host.KnownHosts} -i {fixture.Host.KeyFile} -p {TestSshHost.Port} -W %h:%p root@{fixture.Host.Address}";
        var through =
            $"-HostName root@{fixture.Host.Address} -Port {TestSshHost.Port} -KeyFilePath {fixture.Host.KeyFile} -Options {fixture.Host.Options(more: $"ProxyCommand = '{jump}'")}";
        _engine.Require($"$far = Connect-CtrSession {through}");
        var all = fixture.Host.Clients();
        Assert.Contains(all, pid =>
            File.ReadAllText($"/proc/{pid}/cmdline").Split('\0') is ["/usr/bin/ssh", .. var words] && words.Contains("-W")
        );
        _engine.Require("Disconnect-CtrSession $far");
        await fixture.Host.AssertNoClientAsync();

        _engine.Require($"$far = Connect-CtrSession {through}");
        await KillSshAsync(all => !all.Contains("-W"));
        Assert.Empty(SshFixture.Folders());
        _engine.Require("Get-CtrVersion -Session $far; Disconnect-CtrSession $far");
        await fixture.Host.AssertNoClientAsync();
    }

    [Fact]
    public async Task ssh_ends_with_PowerShell_in_every_case()
    {
        foreach (var signal in new[] { "EXIT", "TERM", "KILL" })
        {
            using var child = StartChild(signal == "EXIT" ? "" : "; [Threading.Thread]::Sleep(60000)");
            var pid = int.Parse((await child.StandardOutput.ReadLineAsync())!, CultureInfo.InvariantCulture);
            if (signal != "EXIT")
            {
                Assert.NotEmpty(fixture.Host.Clients());
                Assert.NotEmpty(SshFixture.Folders(pid));
                await Shell.RunAsync("kill", "-" + signal, pid.ToString(CultureInfo.InvariantCulture));
            }

            await child.WaitForExitAsync();
            await Eventually.TrueAsync(() => fixture.Host.Clients().Count == 0, TimeSpan.FromSeconds(3));
            await Eventually.TrueAsync(() => SshFixture.Folders(pid).Count == 0, TimeSpan.FromSeconds(3));
        }
    }

    public static TheoryData<bool> Hosts => HostProcess.Pwsh is null ? [false] : [false, true];

    [Theory]
    [MemberData(nameof(Hosts))]
    public async Task A_terminals_interrupt_does_not_reach_the_tunnel_nor_the_tunnel_the_terminal(bool pwsh)
    {
        await using var terminal = await Terminal.OpenAsync(90, 20);
        await terminal.PromptAsync($"$null = Connect-CtrSession {fixture.ToDaemon}", pwsh);
        await terminal.PromptReturnsAsync();
        var pids = fixture.Host.Clients();
        Assert.NotEmpty(pids);
        await terminal.SayAsync("'begun'; Watch-CtrEvent");
        await terminal.ShowsAsync(text => text.Contains("\nbegun", StringComparison.Ordinal));
        await Task.Delay(500);
        await terminal.TypeAsync("C-c");
        await terminal.PromptReturnsAsync();
        Assert.Equal(pids, fixture.Host.Clients());
        await terminal.SayAsync("'version ' + (Get-CtrVersion).Version");
        await terminal.ShowsAsync(text => text.Contains("\nversion 1.", StringComparison.Ordinal));
        Assert.Equal(pids, fixture.Host.Clients());
        await terminal.SayAsync("Disconnect-CtrSession");
        await Eventually.TrueAsync(() => fixture.Host.Clients().Count == 0);
        await terminal.PromptReturnsAsync();
        await terminal.SayAsync("exit");
        var (before, after) = await terminal.SettingsAsync();
        Assert.Equal(before, after);
    }

    private CtrSession Connect() => _engine.Require<CtrSession>($"$far = Connect-CtrSession {fixture.ToDaemon}; $far");

    /// <summary>Kills ssh, and waits until all its processes have exited.</summary>
    private async Task KillSshAsync(Func<string[], bool>? which = null)
    {
        foreach (var pid in fixture.Host.Clients())
        {
            // A helper of one that was killed before may have ended by itself since.
            if (await ProcFileAsync(pid, "comm") == "ssh\n" && which?.Invoke((await ProcFileAsync(pid, "cmdline")).Split('\0')) != false)
                await Shell.RunAsync("bash", "-c", $"kill -KILL {pid} 2> /dev/null || true");
        }

        await Eventually.TrueAsync(() => fixture.Host.Clients().Count == 0);
    }

    /// <summary>A file of a process; empty when the process has ended.</summary>
    private static async Task<string> ProcFileAsync(int pid, string file)
    {
        try
        {
            return await File.ReadAllTextAsync($"/proc/{pid}/{file}");
        }
        catch (IOException)
        {
            return "";
        }
    }

    private Process StartChild(string more)
    {
        var script = Path.Combine(fixture.Host.Folder, $"{Guid.NewGuid():N}.ps1");
        File.WriteAllText(
            script,
            $"Import-Module Containerd; $null = Connect-CtrSession {fixture.ToDaemon}; [Console]::WriteLine([Environment]::ProcessId){more}"
        );
        var start = new ProcessStartInfo("dotnet", [typeof(EngineHost.EngineSession).Assembly.Location, script])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
        };
        start.Environment["CONTAINERD_MODULES"] = Path.GetDirectoryName(Repository.Module);
        return Process.Start(start)!;
    }
}

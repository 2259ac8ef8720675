using System.Diagnostics;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.PowerShell.Tests.Session;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Views;

/// <summary>Completion from the live daemon: soon, and never an error.</summary>
public sealed class CompletionTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public void Ids_of_containers_complete_in_every_cmdlet_that_takes_one()
    {
        Engine.Require($"'{Id}-a', '{Id}-b', '{Id}-c' | New-CtrContainer -Image {Busybox} -- true");
        foreach (
            var line in new[]
            {
                "Get-CtrContainer ",
                "Start-CtrTask ",
                "Get-CtrContainer -Id ",
                "Remove-CtrContainer ",
                "New-CtrTask ",
                "Get-CtrLog ",
                "Set-CtrContainer ",
            }
        )
            Assert.Equal([$"{Id}-a", $"{Id}-b", $"{Id}-c"], Words(line + Id));
        Assert.Equal([$"{Id}-b"], Words($"Get-CtrContainer {Id}-b"));
        Assert.Empty(Words("Get-CtrContainer no-such"));
        // In the namespace that the line names.
        Assert.Empty(Words($"Get-CtrContainer -Namespace elsewhere {Id}"));
        // A word that is quoted, and one with a wildcard's characters, are words.
        Assert.Equal([$"{Id}-a", $"{Id}-b", $"{Id}-c"], Words($"Get-CtrContainer '{Id}"));
        Assert.Empty(Words("Get-CtrContainer [a"));
    }

    [Fact]
    public void Ids_users_and_paths_complete_to_objects_that_the_command_can_act_on()
    {
        Engine.Require(
            $"New-CtrContainer {Id}-never -Image {Busybox} -- true; '{Id}-runs', '{Id}-waits' | New-CtrContainer -Image {Busybox} {Idle} | Start-CtrTask; Suspend-CtrTask {Id}-waits"
        );
        Engine.Require($"New-CtrContainer {Id}-ended -Image {Busybox} -- true | Start-CtrTask | Wait-CtrTask");
        foreach (var command in new[] { "Invoke-CtrExec", "Enter-CtrContainer", "Suspend-CtrTask", "Start-CtrExec" })
            Assert.Equal([$"{Id}-runs"], Words($"{command} {Id}"));
        foreach (
            var command in new[]
            {
                "Stop-CtrTask",
                "Send-CtrSignal",
                "Get-CtrStats",
                "Get-CtrProcess",
                "Connect-CtrTask",
                "Wait-CtrTask",
                "Update-CtrTask",
            }
        )
            Assert.Equal([$"{Id}-runs", $"{Id}-waits"], Words($"{command} {Id}"));
        Assert.Equal([$"{Id}-waits"], Words($"Resume-CtrTask {Id}"));
        Assert.Equal([$"{Id}-ended", $"{Id}-never"], Words($"Start-CtrTask {Id}"));
        Assert.Equal([$"{Id}-ended", $"{Id}-runs", $"{Id}-waits"], Words($"Get-CtrTask {Id}"));
        Assert.Equal(4, Words($"Remove-CtrContainer {Id}").Count);

        // Users, programs and paths are those of the container.
        var id = $"{Id}-runs";
        Assert.Equal(["app"], Words($"Invoke-CtrExec {id} -User ap"));
        Assert.Contains("root", Words($"Enter-CtrContainer {id} -User "));
        Engine.Require(
            $"Invoke-CtrExec {id} -- mkdir -p '/deep/a $x;y' /deep/-dash; Invoke-CtrExec {id} -- touch /deep/it-is /deep/.hidden"
        );
        Assert.Equal(["/deep/"], Words($"Invoke-CtrExec {id} -- ls /dee"));
        Assert.Equal(
            ["'/deep/a $x;y/'", "/deep/-dash/", "/deep/it-is"],
            Words($"Invoke-CtrExec {id} -- ls /deep/").Order(StringComparer.Ordinal)
        );
        Assert.Equal(["/deep/.hidden"], Words($"Enter-CtrContainer {id} -- cat /deep/.h"));
        Assert.Equal(["deep/"], Words($"Invoke-CtrExec {id} -- ls dee"));
        Assert.Contains("ls", Words($"Invoke-CtrExec {id} l"));
        Assert.DoesNotContain("dotnet", Words($"Invoke-CtrExec {id} dotn"));
    }

    [Fact]
    public void An_image_with_a_tag_and_a_digest_is_offered_once()
    {
        var name = $"localhost/{Id}";
        Engine.Require(
            $"Set-CtrImage {Busybox} -Tag {name}:1, {name}:2; $digest = (Get-CtrImage {name}:1).Digest; Set-CtrImage {name}:1 -Tag ('{name}@' + $digest)"
        );
        Assert.Equal([$"{name}:1", $"{name}:2"], Words($"New-CtrContainer x -Image {name}"));
        Assert.Single(Words($"New-CtrContainer x -Image '{name}@"));
        Engine.Require($"Get-CtrImage {name}* | Remove-CtrImage");
    }

    [Fact]
    public void Images_complete_by_their_short_and_their_full_name()
    {
        Assert.Equal(["busybox:test"], Words($"New-CtrContainer x -Image busy"));
        Assert.Equal([Busybox], Words("New-CtrContainer x -Image docker.io/library/bus"));
        Assert.Equal(["busybox:test"], Words("Get-CtrImage busy"));
        Assert.Equal(["busybox:test"], Words("Invoke-CtrContainer busy"));
    }

    [Fact]
    public void Sessions_and_namespaces_complete()
    {
        var name = PrivateDaemon.Unique("completed");
        Engine.Require($"Connect-CtrSession {DaemonFixture.Daemon.Address} -Name {name} -Namespace {DaemonFixture.Namespace}");
        Assert.Equal([name], Words($"Get-CtrTask -Session {name[..^2]}"));
        Assert.Equal([name], Words($"Disconnect-CtrSession {name[..^2]}"));
        Assert.Equal([DaemonFixture.Namespace], Words($"Get-CtrTask -Namespace {DaemonFixture.Namespace[..^2]}"));
        Assert.Equal([DaemonFixture.Namespace], Words($"Get-CtrTask -Session {name} -Namespace {DaemonFixture.Namespace[..^2]}"));
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -- true");
        Assert.Equal([Id], Words($"Get-CtrContainer -Session {name} {Id[..^2]}"));
        Engine.Require($"Disconnect-CtrSession {name}");
    }

    [Fact]
    public async Task Running_and_created_execs_complete()
    {
        await StartAsync();
        Engine.Require(
            $"Invoke-CtrExec {Id} -ExecId runs-here -Detach -- sleep 500; Invoke-CtrExec {Id} -ExecId made-here -NoStart -- true"
        );
        foreach (
            var line in new[]
            {
                "Send-CtrSignal {0} TERM -ExecId ",
                "Wait-CtrTask {0} -ExecId r",
                "Get-CtrLog {0} -ExecId ",
                "Close-CtrStdin {0} -ExecId ",
                "Remove-CtrTask {0} -ExecId r",
                "Resize-CtrTerminal {0} -ExecId ",
            }
        )
            Assert.Equal(["runs-here"], Words(string.Format(System.Globalization.CultureInfo.InvariantCulture, line, Id)));
        Assert.Equal(["made-here"], Words($"Start-CtrExec {Id} -ExecId "));
        Engine.Require($"Start-CtrExec {Id} made-here");
        Assert.Empty(Words($"Start-CtrExec {Id} -ExecId "));
    }

    [Fact]
    public void Labels_complete_as_texts_or_as_hashtables_those_of_the_cmdlets_noun()
    {
        var team = "t" + Id;
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -Label @{{ '{team}' = 'it''s blue' }} -- true");
        Engine.Require(
            $"New-CtrSnapshot {Id}-s -Label @{{ '{team}-s' = '1' }}; New-CtrLease {Id}-l -Label @{{ '{team}-l' = '2' }}; Set-CtrImage {Busybox} -Label @{{ '{team}-i' = '3' }}; New-CtrNamespace {Id}-n -Label @{{ '{team}-n' = '4' }}"
        );
        var pair = $"'{team}=it''s blue'";
        Assert.Equal([pair], Words($"Get-CtrContainer -Label {team}"));
        Assert.Contains(pair, Words("Get-CtrContainer -Label "));
        Assert.Contains($"@{{ '{team}' = 'it''s blue' }}", Words("Get-CtrContainer -Label @"));
        Assert.Contains(pair, Words("Watch-CtrEvent -Label "));
        Assert.Equal([$"{team}-s=1"], Words($"Get-CtrSnapshot -Label {team}"));
        Assert.Equal([$"{team}-l=2"], Words($"Get-CtrLease -Label {team}"));
        Assert.Equal([$"{team}-i=3"], Words($"Clear-CtrImage -ExceptLabel {team}"));
        Assert.Equal([$"{team}-n=4"], Words($"Get-CtrNamespace -Label {team}"));
        // What is completed is what runs.
        Assert.Equal(Id, Assert.Single(Engine.Require($"Get-CtrContainer -Label {pair}")).Properties["ContainerId"].Value);
        Engine.Require(
            $"Remove-CtrSnapshot {Id}-s; Remove-CtrLease {Id}-l; Set-CtrImage {Busybox} -Label @{{ '{team}-i' = $null }}; Remove-CtrNamespace {Id}-n"
        );
    }

    [Fact]
    public void Addresses_and_their_namespaces_complete_without_a_session()
    {
        Assert.Equal([DaemonFixture.Daemon.Address], Words($"Connect-CtrSession {DaemonFixture.Daemon.Address[..^4]}"));
        Assert.Equal([DaemonFixture.Daemon.Address], Words($"Connect-CtrSession -Address {DaemonFixture.Daemon.SocketPath[..^4]}"));
        Assert.Equal(
            [DaemonFixture.Namespace],
            Words($"Connect-CtrSession {DaemonFixture.Daemon.Address} -Namespace {DaemonFixture.Namespace[..^2]}")
        );
        Assert.Empty(Words("Connect-CtrSession unix:///run/no/such.sock -Namespace d"));
    }

    [Fact]
    public async Task Hosts_complete_from_what_ssh_knows()
    {
        var home = Directory.CreateTempSubdirectory("containerd-home-").FullName;
        Directory.CreateDirectory(Path.Combine(home, ".ssh", "more"));
        await File.WriteAllTextAsync(
            Path.Combine(home, ".ssh", "config"),
            "Include more/*.conf\n# Host no\nHost web1 web2 *.example !web9\n  User root\nHost=db1\nInclude config\n"
        );
        await File.WriteAllTextAsync(Path.Combine(home, ".ssh", "more", "a.conf"), "host\tworker1\n");
        await File.WriteAllTextAsync(
            Path.Combine(home, ".ssh", "known_hosts"),
            "|1|abc|def ssh-ed25519 AAAA\nweb1,192.0.2.7 ssh-ed25519 AAAA\n[gate]:2222 ssh-ed25519 AAAA\n@cert-authority *.example ssh-ed25519 AAAA\n"
        );
        var run = await HostProcess.RunAsync(
            """
            Import-Module Containerd
            function Complete { param($Line) ([System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null, [powershell]::Create('CurrentRunspace')).CompletionMatches | ForEach-Object CompletionText) -join ',' }
            Say all (Complete 'Connect-CtrSession -HostName ')
            Say one (Complete 'Connect-CtrSession -HostName root@wo')
            Say port (Complete 'Connect-CtrSession -HostName ga')
            """,
            new Dictionary<string, string?> { ["HOME"] = home }
        );
        Assert.Equal("worker1,web1,web2,db1,192.0.2.7,gate:2222", run["all"]);
        Assert.Equal("'root@worker1'", run["one"]);
        Assert.Equal("gate:2222", run["port"]);
        Directory.Delete(home, recursive: true);
    }

    [Fact]
    public void For_a_session_wildcard_the_first_one_is_used_and_for_a_missing_session_none()
    {
        var name = PrivateDaemon.Unique("it's wild");
        Engine.Require(
            $"Connect-CtrSession {DaemonFixture.Daemon.Address} -Name '{name.Replace("'", "''", StringComparison.Ordinal)}' -Namespace {DaemonFixture.Namespace}; New-CtrContainer {Id} -Image {Busybox} -- true"
        );
        Assert.Equal([Id], Words($"Get-CtrContainer -Session *wild* {Id[..^2]}"));
        Assert.Empty(Words($"Get-CtrContainer -Session misspelt {Id[..^2]}"));
        // Quoted as the language wants it, whether or not a quotation mark was typed.
        var quoted = $"'{name.Replace("'", "''", StringComparison.Ordinal)}'";
        Assert.Equal([quoted], Words("Get-CtrTask -Session it"));
        Assert.Equal([quoted], Words("Get-CtrTask -Session 'it''s wi"));
        Engine.Require($"Disconnect-CtrSession {quoted}");
    }

    [Fact]
    public void Every_parameter_that_names_an_existing_object_completes()
    {
        string[] names =
        [
            "Id",
            "ExecId",
            "Image",
            "Namespace",
            "Session",
            "Snapshotter",
            "Runtime",
            "Signal",
            "CapAdd",
            "CapDrop",
            "Label",
            "ExceptLabel",
            "Address",
            "HostName",
            "Digest",
            "Reference",
            "Platform",
            "Type",
            "Lease",
            "Parent",
        ];
        // Names of what is yet to be made.
        string[] made =
        [
            "New-CtrContainer Id",
            "Invoke-CtrContainer Id",
            "Invoke-CtrExec ExecId",
            "Enter-CtrContainer ExecId",
            "Restore-CtrContainer Id",
            "New-CtrLease Id",
            "New-CtrSpec Id",
        ];
        var missing = Engine
            .Require(
                """
                foreach ($command in (Get-Module Containerd).ExportedCmdlets.Values) {
                    foreach ($parameter in $command.Parameters.Values) {
                        if (-not ($parameter.Attributes | Where-Object { $_ -is [System.Management.Automation.ArgumentCompleterAttribute] -or $_ -is [System.Management.Automation.ValidateSetAttribute] }) -and -not ($parameter.ParameterType.IsEnum -or ($parameter.ParameterType.IsArray -and $parameter.ParameterType.GetElementType().IsEnum))) {
                            "$($command.Name) $($parameter.Name)"
                        }
                    }
                }
                """
            )
            .Select(o => o.ToString())
            .Where(p => names.Contains(p.Split(' ')[1]))
            .Except(made)
            .ToList();
        Assert.Empty(missing);
    }

    [Theory]
    [InlineData("Send-CtrSignal x TER", "SIGTERM")]
    [InlineData("Send-CtrSignal x -Signal sigki", "SIGKILL")]
    [InlineData("Stop-CtrTask x -Signal HU", "SIGHUP")]
    [InlineData("New-CtrContainer x -CapAdd CAP_NET_AD", "CAP_NET_ADMIN")]
    [InlineData("New-CtrContainer x -CapAdd net_ad", "CAP_NET_ADMIN")]
    [InlineData("New-CtrContainer x -CapDrop AL", "ALL")]
    [InlineData("New-CtrContainer x -Runtime cr", "crun")]
    [InlineData("Get-CtrRuntime io.containerd.runc.v1", "io.containerd.runc.v1")]
    [InlineData("Get-CtrPlugin overlay", "overlayfs")]
    [InlineData("Get-CtrPlugin -Type snapsh", "io.containerd.snapshotter.v1")]
    [InlineData("New-CtrContainer x -SeccompProfile unc", "unconfined")]
    [InlineData("New-CtrContainer x -Snapshotter over", "overlayfs")]
    [InlineData("Import-CtrImage x -Platform linux/arm6", "linux/arm64")]
    [InlineData("New-CtrContainer x -Platform linux/arm6", "linux/arm64")]
    [InlineData("Get-CtrTask -Status Pausi", "Pausing")]
    public void Known_keywords_complete(string line, string word) => Assert.Equal([word], Words(line));

    [Fact]
    public async Task An_unavailable_or_hanging_daemon_costs_a_second_and_no_error()
    {
        await using var daemon = await PrivateDaemon.StartAsync();
        Engine.Require($"Connect-CtrSession {daemon.Address}");
        // Loaded, and the connection open.
        Assert.Empty(Once("Get-CtrContainer x"));
        using (var containerd = Process.GetProcessById(daemon.Daemon.Pid))
        {
            await Shell.FreezeAsync(containerd.Id);
            var clock = Stopwatch.StartNew();
            Assert.Empty(Once("Get-CtrContainer x"));
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, AtOnce.Limit);
            await Shell.RunAsync("kill", "-CONT", $"{containerd.Id}");
        }

        await daemon.DisposeAsync();
        var gone = Stopwatch.StartNew();
        Assert.Empty(Once("Get-CtrContainer x"));
        Assert.Empty(Once("New-CtrContainer x -Image b"));
        Assert.InRange(gone.Elapsed, TimeSpan.Zero, AtOnce.Limit);
        Assert.Empty(Engine.Require("$Error"));
        Engine.Require("Disconnect-CtrSession");
    }

    [Fact]
    public async Task Without_a_session_the_daemon_of_the_environment_is_used_and_a_missing_or_silent_one_costs_a_second()
    {
        var folder = Directory.CreateTempSubdirectory("containerd-complete-").FullName;
        using var silent = new FakeDaemon(Path.Combine(folder, "silent.sock"), answer: null);
        const string Script = """
            Import-Module Containerd
            function Complete { param($Line) ([System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null, [powershell]::Create('CurrentRunspace')).CompletionMatches | ForEach-Object CompletionText) -join ',' }
            $null = Complete 'Get-CtrVersion -Sess'
            # The first time the engine loads what it needs, and may be too late.
            foreach ($try in 1..4) {
                $clock = [Diagnostics.Stopwatch]::StartNew()
                $words = Complete 'New-CtrContainer x -Image busy'
                $took = $clock.ElapsedMilliseconds
                if ($words) { break }
            }
            Say words $words
            Say took $took
            Say errors $Error.Count
            """;
        Dictionary<string, string?> Environment(string socket) =>
            new() { ["CONTAINERD_ADDRESS"] = socket, ["CONTAINERD_NAMESPACE"] = DaemonFixture.Namespace };
        Assert.Equal("busybox:test", (await HostProcess.RunAsync(Script, Environment(DaemonFixture.Daemon.Address)))["words"]);
        foreach (var socket in new[] { silent.Path, Path.Combine(folder, "none.sock"), "no address" })
        {
            var run = await HostProcess.RunAsync(Script, Environment(socket));
            Assert.Equal("", run["words"]);
            Assert.Equal("0", run["errors"]);
            Assert.InRange(int.Parse(run["took"], System.Globalization.CultureInfo.InvariantCulture), 0, AtOnce.Limit.TotalMilliseconds);
        }

        Directory.Delete(folder, recursive: true);
    }

    // The shell completes files where a cmdlet's own completion gives nothing.
    /// <summary>The completions of a line; a loaded machine may not answer in time at first, without any completion.</summary>
    private IReadOnlyList<string> Words(string line)
    {
        IReadOnlyList<string> words = [];
        for (var i = 0; i < 10 && words.Count == 0; i++)
            words = Once(line);
        return words;
    }

    private IReadOnlyList<string> Once(string line) =>
        [
            .. Engine
                .Complete(line)
                .Where(match =>
                    match.ResultType
                        is not (
                            System.Management.Automation.CompletionResultType.ProviderItem
                            or System.Management.Automation.CompletionResultType.ProviderContainer
                        )
                )
                .Select(match => match.CompletionText),
        ];
}

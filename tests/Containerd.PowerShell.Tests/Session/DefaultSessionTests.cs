using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Session;

/// <summary>The default session. Each case runs in its own process, because sessions belong to the process.</summary>
public sealed class DefaultSessionTests(OneDaemon fixture) : IClassFixture<OneDaemon>
{
    private const string Runspace = """
        Import-Module Containerd
        function New-Shell {
            param([string]$Script)
            $shell = [powershell]::Create([Management.Automation.Runspaces.RunspaceFactory]::CreateRunspace([initialsessionstate]::CreateDefault2()))
            $shell.Runspace.Open()
            $shell.AddScript("Import-Module Containerd; $Script")
        }
        function Sort-It { $all = [string[]]@($input); [Array]::Sort($all); $all }
        function In-Runspace {
            param([string]$Script)
            $shell = New-Shell $Script
            try { $shell.Invoke() } catch { "threw $($_.Exception.InnerException.ErrorRecord.FullyQualifiedErrorId)" }
            $shell.Streams.Error | ForEach-Object { "error $($_.FullyQualifiedErrorId)" }
            $shell.Runspace.Dispose()
        }

        """;

    private string Address => fixture.Daemon.Address;

    [Fact]
    public async Task A_second_session_without_a_name_warns_that_it_is_the_default_now()
    {
        var run = await RunAsync(
            $$"""
            $null = Connect-CtrSession '{{Address}}' -Namespace one -WarningVariable first
            $null = Connect-CtrSession '{{Address}}' -Namespace two -WarningVariable second -WarningAction SilentlyContinue
            $null = Connect-CtrSession '{{Address}}' -Namespace two -WarningVariable same
            $null = Connect-CtrSession '{{Address}}' -Namespace three -Name named -WarningVariable named
            Say counts "$($first.Count) $($second.Count) $($same.Count) $($named.Count)"
            Say text $second[0]
            Get-CtrSession | Disconnect-CtrSession
            """
        );
        Assert.Equal("0 1 0 0", run["counts"]);
        Assert.Contains("Commands without -Session now use the session", run["text"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_command_connects_to_the_environments_address_and_namespace()
    {
        var run = await RunAsync(
            """
            Say before @(Get-CtrSession).Count
            Get-CtrContainer
            $session = Get-CtrSession
            Say address $session.Address
            Say namespace $session.Namespace
            Get-CtrTask
            Say after @(Get-CtrSession).Count
            Disconnect-CtrSession
            Say closed @(Get-CtrSession).Count
            Disconnect-CtrSession
            """,
            new() { ["CONTAINERD_ADDRESS"] = fixture.Daemon.SocketPath, ["CONTAINERD_NAMESPACE"] = "of-the-environment" }
        );
        Assert.Equal("0", run["before"]);
        Assert.Equal(Address, run["address"]);
        Assert.Equal("of-the-environment", run["namespace"]);
        Assert.Equal("1", run["after"]);
        Assert.Equal("0", run["closed"]);
        Assert.Equal(0, run.Code);
    }

    [Fact]
    public async Task An_input_object_of_the_wrong_type_is_one_error_and_does_nothing()
    {
        var run = await RunAsync(
            """
            foreach ($name in 'Clear-CtrImage', 'Watch-CtrEvent', 'Get-CtrInfo', 'Get-CtrVersion', 'Register-CtrEvent') {
                $Error.Clear()
                try { [Containerd.CtrImage]@{ Name = 'x' } | & $name 2> $null } catch { }
                Say $name (@($Error | ForEach-Object { $_.FullyQualifiedErrorId.Split(',')[0] }) -join ' ')
            }
            Say sessions @(Get-CtrSession).Count
            """,
            new() { ["CONTAINERD_ADDRESS"] = fixture.Daemon.SocketPath }
        );
        foreach (var name in new[] { "Clear-CtrImage", "Get-CtrInfo", "Get-CtrVersion" })
            Assert.Equal("InputObjectNotBound", run[name]);
        // The name of an image is not the name of a container.
        foreach (var name in new[] { "Watch-CtrEvent", "Register-CtrEvent" })
            Assert.Equal("ParameterArgumentTransformationError", run[name]);
        Assert.Equal("0", run["sessions"]);
    }

    [Fact]
    public async Task By_default_the_platforms_socket_and_the_namespace_default_are_used()
    {
        var run = await RunAsync(
            """
            try { $session = Connect-CtrSession; Say address $session.Address; Say namespace $session.Namespace }
            catch { Say address $_.Exception.Subject; Say namespace default }
            """,
            new() { ["CONTAINERD_ADDRESS"] = "" }
        );
        Assert.Equal("unix:///run/containerd/containerd.sock", run["address"]);
        Assert.Equal("default", run["namespace"]);
    }

    [Fact]
    public async Task An_invalid_namespace_in_the_environment_is_rejected()
    {
        var run = await RunAsync(
            "try { Get-CtrTask -ErrorAction Stop } catch { Say id $_.FullyQualifiedErrorId }",
            new() { ["CONTAINERD_NAMESPACE"] = "a b" }
        );
        Assert.Equal("InvalidId,Containerd.PowerShell.GetCtrTaskCommand", run["id"]);
    }

    [Fact]
    public async Task A_runspaces_default_is_the_session_that_it_opened_last()
    {
        var run = await RunAsync(
            $$"""
            $null = Connect-CtrSession {{Address}} -Name first
            $null = Connect-CtrSession {{Address}} -Name second -Namespace other
            Say newest (Get-CtrVersion).Session
            Say named (Get-CtrVersion -Session first).Session
            Disconnect-CtrSession
            Say fallen (Get-CtrVersion).Session
            """
        );
        Assert.Equal("second", run["newest"]);
        Assert.Equal("first", run["named"]);
        Assert.Equal("first", run["fallen"]);
    }

    [Fact]
    public async Task A_runspace_without_a_session_inherits_the_default_of_the_others()
    {
        var run = await RunAsync(
            $$"""
            $null = Connect-CtrSession {{Address}} -Name old
            $null = Connect-CtrSession {{Address}} -Name parent
            Say inherited (In-Runspace '"$((Get-CtrVersion).Session)"')
            Say parallel ((1..4 | ForEach-Object -Parallel { Import-Module Containerd; "$((Get-CtrVersion).Session)" }) -join ',')
            Say sessions @(Get-CtrSession).Count
            Say own (In-Runspace '$null = Connect-CtrSession {{Address}} -Name child; "$((Get-CtrVersion).Session)"')
            Say afterwards (Get-CtrVersion).Session
            Say refused (In-Runspace 'try { Disconnect-CtrSession -ErrorAction Stop } catch { "$($_.FullyQualifiedErrorId)|$($_.CategoryInfo.Category)|$($_.ErrorDetails.RecommendedAction)" }')
            Say unhurt (Get-CtrVersion).Session
            Say closed (In-Runspace 'Disconnect-CtrSession parent; "$((Get-CtrVersion).Session)"')
            """
        );
        Assert.Equal("parent", run["inherited"]);
        Assert.Equal("parent,parent,parent,parent", run["parallel"]);
        Assert.Equal("2", run["sessions"]);
        Assert.Equal("child", run["own"]);
        Assert.Equal("parent", run["afterwards"]);
        // A runspace that only inherits the session does not close it for others, unless it names it.
        Assert.Equal(
            "SessionInherited,Containerd.PowerShell.DisconnectCtrSessionCommand|ResourceBusy|To close it for all runspaces, specify its name: Disconnect-CtrSession parent",
            run["refused"]
        );
        Assert.Equal("parent", run["unhurt"]);
        Assert.Equal("old", run["closed"]);
    }

    [Fact]
    public async Task Several_runspaces_with_different_sessions_are_an_error_with_their_names_in_a_third_one()
    {
        var run = await RunAsync(
            $$"""
            $null = Connect-CtrSession {{Address}} -Name here
            $other = New-Shell 'Connect-CtrSession {{Address}} -Name there'
            $null = $other.Invoke()
            Say here (Get-CtrVersion).Session
            Say third (In-Runspace 'try { Get-CtrVersion } catch { "$($_.FullyQualifiedErrorId)|$($_.CategoryInfo.Category)|$($_.Exception.Message)|$($_.ErrorDetails.RecommendedAction)" }')
            Say named (In-Runspace '"$((Get-CtrVersion -Session there).Session)"')
            Say object (In-Runspace '"$((Get-CtrSession here | ForEach-Object { Get-CtrVersion -Session $_ }).Session)"')
            $other.Runspace.Dispose()
            Say agreed (In-Runspace '"$((Get-CtrVersion).Session)"')
            """
        );
        Assert.Equal("here", run["here"]);
        var third = run["third"].Split('|');
        Assert.Equal("SessionAmbiguous,Containerd.PowerShell.GetCtrVersionCommand", third[0]);
        Assert.Equal(ErrorIds.InvalidArgument, third[1]);
        Assert.Contains("here (", third[2], StringComparison.Ordinal);
        Assert.Contains("there (", third[2], StringComparison.Ordinal);
        Assert.Equal("Specify the session with -Session.", third[3]);
        Assert.Equal("there", run["named"]);
        Assert.Equal("here", run["object"]);
        Assert.Equal("here", run["agreed"]);
    }

    [Fact]
    public async Task Runspaces_that_start_at_the_same_time_with_no_session_open_share_one()
    {
        var run = await RunAsync(
            """
            Say sessions ((1..8 | ForEach-Object -Parallel { Import-Module Containerd; "$((Get-CtrVersion).Session)" } -ThrottleLimit 8) -join ',')
            Say open @(Get-CtrSession).Count
            Say later (Get-CtrVersion).Session
            Say still @(Get-CtrSession).Count
            """
        );
        Assert.Equal(string.Join(',', Enumerable.Repeat("Session1", 8)), run["sessions"]);
        Assert.Equal("1", run["open"]);
        Assert.Equal("Session1", run["later"]);
        Assert.Equal("1", run["still"]);
    }

    [Fact]
    public async Task Sessions_that_parallel_runspaces_opened_can_be_used_by_their_parent_and_are_not_its_default()
    {
        var run = await RunAsync(
            $$"""
            $sessions = 'a', 'b', 'c' | ForEach-Object -Parallel { Import-Module Containerd; Connect-CtrSession {{Address}} -Name $_ }
            Say count $sessions.Count
            Say each (($sessions | ForEach-Object { (Get-CtrVersion -Session $_).Session.Name } | Sort-It) -join ',')
            $null = Connect-CtrSession {{Address}} -Name own
            Say default (Get-CtrVersion).Session
            Say child (In-Runspace '"$((Get-CtrVersion).Session)"')
            """
        );
        Assert.Equal("3", run["count"]);
        Assert.Equal("a,b,c", run["each"]);
        Assert.Equal("own", run["default"]);
        Assert.Equal("own", run["child"]);
    }

    private Task<HostRun> RunAsync(string script, Dictionary<string, string?>? environment = null)
    {
        environment ??= [];
        environment.TryAdd("CONTAINERD_ADDRESS", Address);
        return HostProcess.RunAsync(Runspace + script, environment);
    }
}

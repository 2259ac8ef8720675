using System.Management.Automation;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Session;

/// <summary>Named sessions: other open sessions of this process do not affect them.</summary>
public sealed class SessionTests(OneDaemon fixture) : IClassFixture<OneDaemon>, IDisposable
{
    private readonly Engine _engine = new();
    private readonly string _name = PrivateDaemon.Unique("session");

    private PrivateDaemon Daemon => fixture.Daemon;

    public void Dispose()
    {
        _engine.Invoke($"Disconnect-CtrSession {_name}*");
        _engine.Dispose();
    }

    [Fact]
    public void A_session_is_opened_by_address_or_by_the_sockets_path()
    {
        foreach (var address in new[] { Daemon.Address, Daemon.SocketPath })
        {
            var session = _engine.Require<CtrSession>($"Connect-CtrSession {address}");
            Assert.Equal(Daemon.Address, session.Address);
            Assert.Equal("default", session.Namespace);
            Assert.Equal(CtrSessionState.Opened, session.State);
            Assert.Equal(Daemon.Daemon.Version, session.Version);
            Assert.Equal($"Session{session.Id}", session.Name);
        }
    }

    [Fact]
    public void The_alias_the_parameters_and_the_pipeline_by_property_name_open_one_too()
    {
        var session = _engine.Require<CtrSession>($"Connect-Ctr -Address {Daemon.Address} -Name {_name} -Namespace other -Timeout 5s");
        Assert.Equal(_name, session.Name);
        Assert.Equal("other", session.Namespace);
        Assert.Equal(_name, session.ToString());
        var piped = _engine.Require<CtrSession>($"Get-CtrDaemon {Daemon.Daemon.Name} | Connect-CtrSession");
        Assert.Equal(Daemon.Address, piped.Address);
    }

    [Fact]
    public void Queries_go_to_the_specified_session()
    {
        _engine.Require($"Connect-CtrSession {Daemon.Address} -Name {_name}");
        var version = _engine.Require<CtrVersion>($"Get-CtrVersion -Session {_name.ToUpperInvariant()}");
        Assert.Equal(Daemon.Daemon.Version, version.Version);
        Assert.Equal(_name, version.Session!.Name);
        Assert.NotEmpty(version.ClientVersion);
        var info = _engine.Require<CtrInfo>($"Get-CtrInfo -Session {_name}");
        Assert.Equal(version.Version, info.Version);
        Assert.Equal(Daemon.Daemon.Pid, info.Pid);
        Assert.Equal(Daemon.Address, info.Address);
        Assert.Contains("overlayfs", info.Snapshotters);
        Assert.Contains("native", info.Snapshotters);
        Assert.Contains("tasks", info.Services);
        Assert.StartsWith("linux/", info.Platform, StringComparison.Ordinal);
        Assert.NotEmpty(info.Uuid);
        Assert.NotNull(info.CgroupVersion);
    }

    [Fact]
    public void A_name_is_open_only_once()
    {
        _engine.Require($"Connect-CtrSession {Daemon.Address} -Name {_name}");
        var again = _engine.Invoke($"Connect-CtrSession {Daemon.Address} -Name {_name}");
        Assert.Empty(again.Output);
        Assert.Equal("SessionExists,Containerd.PowerShell.ConnectCtrSessionCommand", again.Error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ResourceExists, again.Error.CategoryInfo.Category);
        Assert.Single(_engine.Require($"Get-CtrSession {_name}"));
    }

    [Fact]
    public void Sessions_are_listed_by_name_and_wildcard_and_closed_by_name_object_and_wildcard()
    {
        _engine.Require($"'a', 'b', 'c', 'd' | ForEach-Object {{ Connect-CtrSession {Daemon.Address} -Name {_name}-$_ }}");
        Assert.Equal(
            [$"{_name}-a", $"{_name}-b", $"{_name}-c", $"{_name}-d"],
            _engine.Require($"Get-CtrSession {_name}-*").Select(session => session.ToString())
        );
        Assert.Equal(
            [$"{_name}-b", $"{_name}-a"],
            _engine.Require($"'{_name}-b', '{_name}-a' | Get-CtrSession").Select(session => session.ToString())
        );

        _engine.Require($"Disconnect-CtrSession {_name}-a -WhatIf");
        Assert.Equal(4, _engine.Require($"Get-CtrSession {_name}-*").Count);
        _engine.Require($"Disconnect-CtrSession {_name}-a");
        _engine.Require($"Get-CtrSession {_name}-b | Disconnect-CtrSession");
        Assert.Equal([$"{_name}-c", $"{_name}-d"], _engine.Require($"Get-CtrSession {_name}-*").Select(session => session.ToString()));
        _engine.Require($"Disconnect-CtrSession {_name}-*");
        Assert.Empty(_engine.Require($"Get-CtrSession {_name}-*"));

        foreach (var command in new[] { "Get", "Disconnect" })
        {
            var missing = _engine.Invoke($"{command}-CtrSession {_name}-a");
            Assert.Equal($"SessionNotFound,Containerd.PowerShell.{command}CtrSessionCommand", missing.Error.FullyQualifiedErrorId);
            Assert.Equal(ErrorCategory.ObjectNotFound, missing.Error.CategoryInfo.Category);
        }
    }

    [Fact]
    public void A_closed_session_is_a_clear_error_and_so_are_objects_that_came_from_it()
    {
        var done = _engine.Invoke(
            $$"""
            $session = Connect-CtrSession {{Daemon.Address}} -Name {{_name}}
            Disconnect-CtrSession -InputObject $session
            "$($session.State)"
            Get-CtrVersion -Session $session
            """
        );
        Assert.Equal("Closed", Assert.Single(done.Output).BaseObject);
        Assert.Equal("SessionClosed,Containerd.PowerShell.GetCtrVersionCommand", done.Error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ConnectionError, done.Error.CategoryInfo.Category);
        Assert.Contains("Connect-CtrSession", done.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);

        var item = _engine.Invoke("[Containerd.CtrTask]@{ ContainerId = 'web'; Session = $session } | Get-CtrTask");
        Assert.Equal("SessionClosed,Containerd.PowerShell.GetCtrTaskCommand", item.Error.FullyQualifiedErrorId);
        var happened = _engine.Invoke("[Containerd.CtrEvent]@{ ContainerId = 'web'; Session = $session } | Get-CtrTask");
        Assert.Equal("SessionClosed,Containerd.PowerShell.GetCtrTaskCommand", happened.Error.FullyQualifiedErrorId);
        var word = _engine.Invoke(
            "Get-CtrTask ([Containerd.CtrEvent]@{ ContainerId = 'web'; Session = $session }), ([Containerd.CtrEvent]@{ ContainerId = 'web'; Session = $session })"
        );
        // Each object has a session of its own, and the next one's may be open.
        Assert.Equal(2, word.Errors.Count);
        Assert.All(word.Errors, e => Assert.Equal("SessionClosed,Containerd.PowerShell.GetCtrTaskCommand", e.FullyQualifiedErrorId));
        // Closing it twice is not an error, because the result is as intended.
        Assert.Empty(_engine.Invoke("$session | Disconnect-CtrSession").Errors);
    }

    [Fact]
    public void A_name_without_a_session_is_rejected_for_a_session_parameter()
    {
        var error = _engine.Invoke("Get-CtrVersion -Session no-such-session").Error;
        Assert.Equal("ParameterArgumentTransformationError,Containerd.PowerShell.GetCtrVersionCommand", error.FullyQualifiedErrorId);
        Assert.Contains("No open session is named 'no-such-session'", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("Connect-CtrSession -Name no-such-session", error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_outlives_the_modules_removal()
    {
        var session = _engine.Require<CtrSession>($"Connect-CtrSession {Daemon.Address} -Name {_name}");
        _engine.Require("Remove-Module Containerd; Import-Module Containerd; Import-Module Containerd -Force");
        Assert.Equal(CtrSessionState.Opened, session.State);
        Assert.Equal(_name, _engine.Require<CtrVersion>("Get-CtrVersion").Session!.Name);
    }

    [Fact]
    public void A_session_outlives_the_runspace_that_opened_it()
    {
        var other = new Engine();
        var session = other.Require<CtrSession>($"Connect-CtrSession {Daemon.Address} -Name {_name}");
        other.Dispose();
        Assert.Equal(CtrSessionState.Opened, session.State);
        Assert.NotEmpty(_engine.Require<CtrVersion>($"Get-CtrVersion -Session {_name}").Version);
        _engine.Require($"Disconnect-CtrSession {_name}");
        Assert.Equal(CtrSessionState.Closed, session.State);
    }

    [Theory]
    [InlineData("Get-CtrSession", "a session")]
    [InlineData("Disconnect-CtrSession", "a session")]
    [InlineData("Get-CtrDaemon", "a daemon")]
    [InlineData("Stop-CtrDaemon", "a daemon")]
    [InlineData("Get-CtrImage", "an image")]
    [InlineData("Remove-CtrImage", "an image")]
    public void Other_objects_are_not_used_as_names(string command, string noun)
    {
        _engine.Require($"Connect-CtrSession {Daemon.Address} -Name {_name}");
        // The version's text would be a name.
        var done = _engine.Invoke($"[Containerd.CtrVersion]@{{ Version = '{_name}' }} | {command}");
        Assert.Empty(done.Output);
        Assert.Contains($"A Containerd.CtrVersion does not name {noun}.", done.Error.Exception.Message, StringComparison.Ordinal);
        Assert.Single(_engine.Require($"Get-CtrSession {_name}"));
    }
}

using System.Management.Automation;
using Containerd.Client.Workloads.Stats;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Session;

/// <summary>One cmdlet for several daemons: -Session $a, $b, $c.</summary>
public sealed class SeveralSessionsTests : IAsyncLifetime
{
    private static readonly string[] Suites = ["bookworm", "trixie", "sid"];

    private readonly List<DaemonFixture> _fixtures = [];
    private readonly string _fleet = PrivateDaemon.Unique("fleet");
    private Engine _engine = null!;

    public async ValueTask InitializeAsync()
    {
        _fixtures.AddRange(await Task.WhenAll(Suites.Select(suite => DaemonFixture.StartAsync(suite, "runc"))));
        _engine = new Engine();
        foreach (var (fixture, name) in _fixtures.Zip(["a", "b", "c"]))
            _engine.Require(
                $"${name} = Connect-CtrSession '{fixture.Daemon.Address}' -Namespace {fixture.Namespace} -Name {_fleet}-{name}"
            );
    }

    public async ValueTask DisposeAsync()
    {
        _engine.Invoke($"Get-CtrContainer -Session {_fleet}* | Remove-CtrContainer -Force; Disconnect-CtrSession {_fleet}*");
        _engine.Dispose();
        foreach (var fixture in _fixtures)
            await fixture.DisposeAsync();
    }

    [Fact]
    public async Task A_fleet_is_managed_with_the_same_commands_as_one_daemon()
    {
        // Made everywhere, by sessions as objects, by name, by wildcard.
        var made = _engine.Require($"New-CtrContainer web -Session $a, $b, $c -Image {TestImages.Busybox} -- sh -c 'echo up; sleep 1000'");
        Assert.Equal([$"{_fleet}-a", $"{_fleet}-b", $"{_fleet}-c"], made.Select(c => ((CtrContainer)c.BaseObject).Session!.Name));
        Assert.Equal(3, _engine.Require($"Start-CtrTask web -Session {_fleet}-a, $b, {_fleet}-c").Count);
        foreach (var fixture in _fixtures)
            Assert.Contains("RUNNING", await fixture.CtrAsync("tasks", "list"), StringComparison.Ordinal);

        var versions = _engine.Require($"Get-CtrVersion -Session {_fleet}*").Select(v => ((CtrVersion)v.BaseObject).Version).ToList();
        Assert.Equal(3, versions.Distinct().Count());
        Assert.All(_fixtures.Zip(versions), pair =>
            Assert.StartsWith(pair.First.Daemon.Daemon.Version, pair.Second, StringComparison.Ordinal)
        );
        var answers = _engine
            .Require($"Invoke-CtrExec web -Session {_fleet}* -PassThru -- echo hello")
            .Select(r => (CtrExecResult)r.BaseObject)
            .ToList();
        Assert.Equal(3, answers.Count(r => r.Output is string[] lines && lines.SequenceEqual(["hello"])));
        Assert.Equal(3, answers.Select(r => r.Session).Distinct().Count());
        Assert.Equal(
            3,
            _engine.Require($"Get-CtrStats web -Session {_fleet}*").Select(s => ((CtrStats)s.BaseObject).Session).Distinct().Count()
        );

        // A table shows the session of its rows, unless there is only one.
        var shown = _engine.Display($"Get-CtrTask -Session {_fleet}*").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            [$"Session: {_fleet}-a", $"Session: {_fleet}-b", $"Session: {_fleet}-c"],
            shown.Where(line => line.Contains("Session:", StringComparison.Ordinal)).Select(line => line.Trim())
        );
        Assert.Equal(3, shown.Count(line => line.StartsWith("web ", StringComparison.Ordinal)));
        using (var one = _fixtures[0].Open())
            Assert.DoesNotContain("Session:", one.Display("Get-CtrTask"), StringComparison.Ordinal);

        // Objects know where they are from; side by side as well.
        var stopped = _engine.Require($"Get-CtrTask -Session {_fleet}* | Stop-CtrTask -Force");
        Assert.Equal(3, stopped.Select(s => ((CtrExit)s.BaseObject).Session).Distinct().Count());
        _engine.Require($"Get-CtrContainer -Session {_fleet}* | Remove-CtrContainer -ThrottleLimit 3");
        foreach (var fixture in _fixtures)
            Assert.DoesNotContain(await fixture.LeftAsync(), left => left.Contains("web", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_registration_receives_events_of_all_of_them_until_the_last_is_closed()
    {
        _engine.Require($"Register-CtrEvent -Session {_fleet}* -SourceIdentifier fleet -EventType ImageUpdate");
        await HearsAsync("a", "b", "c");
        _engine.Require("Disconnect-CtrSession $b");
        await HearsAsync("a", "c");
        _engine.Require("Disconnect-CtrSession $a; Disconnect-CtrSession $c");
        Assert.Empty(_engine.Runspace.Events.Subscribers);

        // All or nothing.
        var refused = _engine.Invoke(
            $"$a = Connect-CtrSession '{_fixtures[0].Daemon.Address}' -Namespace {_fixtures[0].Namespace} -Name {_fleet}-a; Register-CtrEvent -Session $a, $b -SourceIdentifier fleet"
        );
        Assert.StartsWith("SessionClosed,", refused.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(_engine.Runspace.Events.Subscribers);

        async Task HearsAsync(params string[] names)
        {
            foreach (var name in names)
            {
                var fixture = _fixtures["abc".IndexOf(name, StringComparison.Ordinal)];
                await fixture.CtrAsync("images", "label", TestImages.Busybox, $"heard={Guid.NewGuid():N}");
            }

            await Eventually.TrueAsync(() => _engine.Runspace.Events.ReceivedEvents.Count == names.Length);
            var heard = _engine.Runspace.Events.ReceivedEvents.Select(e => ((CtrEvent)e.SourceEventArgs).Session!.Name);
            Assert.Equal(names.Select(name => $"{_fleet}-{name}"), heard.Order(StringComparer.Ordinal));
            while (_engine.Runspace.Events.ReceivedEvents.Count > 0)
                _engine.Runspace.Events.ReceivedEvents.RemoveAt(0);
        }
    }

    [Fact]
    public async Task An_unavailable_daemon_is_one_error_that_names_it_and_the_others_answer()
    {
        _engine.Require($"New-CtrContainer web -Session {_fleet}* -Image {TestImages.Busybox} -- sleep 1000");
        _engine.Require($"$all = Get-CtrContainer -Session {_fleet}*");
        await _fixtures[1].DisposeAsync();
        var listed = _engine.Invoke($"Get-CtrContainer -Session {_fleet}*");
        Assert.Equal([$"{_fleet}-a", $"{_fleet}-c"], listed.Of<CtrContainer>().Select(c => c.Session!.Name));
        Assert.Equal(ErrorCategory.ConnectionError, listed.Error.CategoryInfo.Category);
        Assert.StartsWith($"{_fleet}-b: ", listed.Error.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(listed.Error.ErrorDetails.RecommendedAction);

        // By their objects too.
        var started = _engine.Invoke("$all | Start-CtrTask -NoLog");
        Assert.Equal([$"{_fleet}-a", $"{_fleet}-c"], started.Of<CtrTask>().Select(c => c.Session!.Name));
        Assert.Equal(ErrorCategory.ConnectionError, started.Error.CategoryInfo.Category);
    }

    [Fact]
    public void A_missing_object_in_one_session_is_reported_with_the_session()
    {
        _engine.Require($"New-CtrContainer only -Session $b -Image {TestImages.Busybox} -- true");
        var found = _engine.Invoke($"Get-CtrContainer only -Session {_fleet}*");
        Assert.Equal($"{_fleet}-b", Assert.Single(found.Of<CtrContainer>()).Session!.Name);
        Assert.Equal(2, found.Errors.Count);
        Assert.StartsWith($"{_fleet}-a: There is no container 'only'", found.Errors[0].ToString(), StringComparison.Ordinal);
        Assert.StartsWith($"{_fleet}-c: There is no container 'only'", found.Errors[1].ToString(), StringComparison.Ordinal);
        Assert.All(found.Errors, e => Assert.StartsWith("ContainerNotFound,", e.FullyQualifiedErrorId, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Events_of_all_are_watched_at_once()
    {
        var watching = _engine.Start($"Watch-CtrEvent -Session {_fleet}* -EventType Exit -MaxCount 3 -Verbose");
        await Eventually.TrueAsync(() => watching.Streams.Verbose.Any(v => v.Message == "Watching."));
        using (var other = new Engine())
        {
            other.Require(
                $"New-CtrContainer brief -Session {_fleet}* -Image {TestImages.Busybox} -- sh -c 'exit 3' | Start-CtrTask -NoLog | Wait-CtrTask"
            );
        }

        var seen = watching.Wait().Of<CtrEvent>().ToList();
        Assert.Equal([$"{_fleet}-a", $"{_fleet}-b", $"{_fleet}-c"], seen.Select(e => e.Session!.Name).Order(StringComparer.Ordinal));
        Assert.All(seen, e => Assert.Equal(3, e.ExitCode));
    }

    [Theory]
    [InlineData("'text' | Invoke-CtrExec web -Session {0}* -- cat")]
    [InlineData("Invoke-CtrContainer busybox -Session {0}* -- true")]
    [InlineData("Send-CtrInput web text -Session {0}*")]
    [InlineData("Use-CtrLease -Session {0}* {{ }}")]
    public void Operations_that_require_one_session_are_rejected_immediately(string command)
    {
        var refused = _engine.Invoke(string.Format(System.Globalization.CultureInfo.InvariantCulture, command, _fleet));
        Assert.StartsWith("SeveralSessions,", refused.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("-Session $session", refused.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_without_a_session_is_a_separate_error()
    {
        Assert.Contains(
            $"No open session is named '{_fleet}-x'",
            _engine.Invoke($"Get-CtrTask -Session $a, {_fleet}-x").Error.ToString(),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "No open session's name matches 'none*'",
            _engine.Invoke("Get-CtrTask -Session none*").Error.ToString(),
            StringComparison.Ordinal
        );
    }
}

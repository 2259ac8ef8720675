using System.Management.Automation;
using Containerd.Client;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Daemon;

public sealed class DaemonCmdletTests
{
    [Fact]
    public void A_daemon_is_started_found_completed_shown_and_stopped()
    {
        using var engine = new Engine();
        var name = PrivateDaemon.Unique("cmdlet");
        var daemon = engine.Require<CtrDaemon>($"Start-CtrDaemon {name}");
        try
        {
            Assert.Equal(CtrDaemonState.Running, daemon.State);
            Assert.Equal(name, Assert.Single(engine.Require($"Get-CtrDaemon {name[..^1]}*")).ToString());
            Assert.Equal(name, Assert.Single(engine.Complete($"Stop-CtrDaemon {name[..^2]}")).CompletionText);
            var shown = engine.Display($"Get-CtrDaemon {name}");
            Assert.Contains("Name", shown, StringComparison.Ordinal);
            Assert.Contains(name, shown, StringComparison.Ordinal);
            Assert.All(shown.Split('\n'), line => Assert.True(line.Length <= Engine.Width, line));

            var again = engine.Invoke($"Start-CtrDaemon {name}");
            Assert.StartsWith("DaemonExists,", again.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Equal(ErrorCategory.ResourceExists, again.Error.CategoryInfo.Category);

            engine.Require($"Stop-CtrDaemon {name} -WhatIf");
            Assert.Single(engine.Require($"Get-CtrDaemon {name}"));
        }
        finally
        {
            engine.Require($"Get-CtrDaemon {name} | Stop-CtrDaemon");
        }

        Assert.Empty(engine.Require($"Get-CtrDaemon {name}*"));
    }

    [Fact]
    public async Task A_daemon_that_hangs_is_killed_when_the_stop_timeout_is_reached()
    {
        using var engine = new Engine();
        await using var daemon = await PrivateDaemon.StartAsync();
        await Shell.FreezeAsync(daemon.Daemon.Pid);
        var stopping = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(
            CtrDaemonState.Stopped,
            engine.Require<CtrDaemon>($"Stop-CtrDaemon {daemon.Daemon.Name} -Timeout 300ms -PassThru").State
        );
        // The default alone is longer.
        Assert.True(stopping.Elapsed < CtrDaemons.DefaultGrace, $"{stopping.Elapsed}");
        Assert.Empty(engine.Require($"Get-CtrDaemon {daemon.Daemon.Name}*"));
        AssertInvalid(engine.Invoke("Stop-CtrDaemon x -Timeout never"));

        static void AssertInvalid(Invocation done) => Assert.Contains("never", done.Error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_without_a_daemon_are_one_error_each_and_wildcards_are_not()
    {
        using var engine = new Engine();
        var done = engine.Invoke("'no-such-a', 'no-such-b' | Stop-CtrDaemon; Get-CtrDaemon no-such-c; Get-CtrDaemon no-such-*");
        Assert.Equal(3, done.Errors.Count);
        Assert.All(done.Errors, error => Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category));
        Assert.StartsWith("DaemonNotFound,", done.Errors[0].FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIf_starts_nothing()
    {
        using var engine = new Engine();
        var name = PrivateDaemon.Unique("whatif");
        Assert.Empty(engine.Require($"Start-CtrDaemon {name} -WhatIf"));
        Assert.Empty(engine.Require($"Get-CtrDaemon {name}*"));
    }

    [Fact]
    public async Task Ctrl_C_while_a_daemon_starts_leaves_none()
    {
        using var engine = new Engine();
        var name = PrivateDaemon.Unique("stopped");
        var starting = engine.Start($"Start-CtrDaemon {name} -ContainerdPath '{Repository.Fixture("silent-containerd.sh")}' -Timeout 60s");
        using var other = new Engine();
        await Eventually.TrueAsync(() => starting.IsCompleted || other.Require($"Get-CtrDaemon {name}*").Count == 1);
        Assert.False(starting.IsCompleted, string.Join("; ", starting.Streams.Error.ReadAll()));
        await starting.StopAsync();
        Assert.IsType<PipelineStoppedException>(starting.Wait().Exception);
        await Eventually.TrueAsync(() => other.Require($"Get-CtrDaemon {name}*").Count == 0);
    }
}

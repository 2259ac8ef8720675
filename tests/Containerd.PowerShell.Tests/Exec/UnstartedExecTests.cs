using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Exec;

/// <summary>Execs that are never started have no exit code, and waiting for them ends.</summary>
public sealed class UnstartedExecTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Theory]
    [InlineData("bookworm", "Start-CtrExec {0} e")]
    [InlineData("bookworm", "Remove-CtrTask {0} -ExecId e")]
    [InlineData("sid", "Start-CtrExec {0} e")]
    [InlineData("sid", "Remove-CtrTask {0} -ExecId e")]
    public async Task A_wait_for_an_exec_that_never_starts_ends_with_an_error(string suite, string end)
    {
        Use(await DaemonFixtures.GetAsync(suite, "runc"));
        Engine.Require(
            $"New-CtrContainer {Id} -Image {Busybox} {Idle} | Start-CtrTask; Invoke-CtrExec {Id} -NoStart -ExecId e -- no-such-program"
        );
        var waiting = Engine.Start($"'begun'; Wait-CtrTask {Id} -ExecId e");
        await Eventually.TrueAsync(() => waiting.Output.Count == 1);
        using var other = DaemonFixture.Open();
        other.Invoke(string.Format(null, end, Id));
        var done = waiting.Wait();
        Assert.Empty(done.Of<CtrExit>());
        // Where the wait began too late, there was no exec any more.
        Assert.Matches("^(ExecNotStarted|ExecNotFound),", done.Error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ObjectNotFound, done.Error.CategoryInfo.Category);
    }

    [Fact]
    public async Task Removing_one_returns_no_exit_code()
    {
        await StartAsync();
        Engine.Require($"Invoke-CtrExec {Id} -NoStart -ExecId e -- true");
        var exit = Engine.Require<CtrExit>($"Remove-CtrTask {Id} -ExecId e");
        Assert.Equal((Id, "e", null, null), (exit.ContainerId, exit.ExecId, exit.ExitCode, exit.ExitedAt));
    }

    [Fact]
    public async Task A_wait_that_began_before_the_start_gives_the_exit_code()
    {
        await StartAsync();
        Engine.Require($"Invoke-CtrExec {Id} -NoStart -ExecId e -- sh -c 'sleep 1; exit 6'");
        var waiting = Engine.Start($"'begun'; Wait-CtrTask {Id} -ExecId e");
        await Eventually.TrueAsync(() => waiting.Output.Count == 1);
        using var other = DaemonFixture.Open();
        other.Require($"Start-CtrExec {Id} e");
        Assert.Equal(6, Assert.Single(waiting.Wait().Of<CtrExit>()).ExitCode);
    }
}

using System.Management.Automation;
using Containerd.PowerShell.Tests.Hosts;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Lifecycle;

/// <summary>The whole lifecycle on every containerd and runtime that the fixture has.</summary>
public sealed class MatrixTests(DaemonFixtures fixtures)
{
    [Theory]
    [InlineData("bookworm", "runc")]
    [InlineData("trixie", "runc")]
    [InlineData("sid", "runc")]
    [InlineData("bookworm", "crun")]
    [InlineData("sid", "crun")]
    public async Task The_lifecycle(string suite, string runtime)
    {
        var fixture = await fixtures.GetAsync(suite, runtime);
        using var engine = fixture.Open();
        var id = PrivateDaemon.Unique("m");
        string[] Lines(string script) => [.. engine.Require(script).Select(o => o.ToString())];
        void Fails(string script, string error, ErrorCategory category)
        {
            var failed = engine.Invoke(script).Error;
            Assert.StartsWith(error + ",", failed.FullyQualifiedErrorId, StringComparison.Ordinal);
            Assert.Equal(category, failed.CategoryInfo.Category);
        }

        var task = engine.Require<CtrTask>(
            $"New-CtrContainer {id} -Image {TestImages.Busybox} -Runtime {runtime} -User app -- sh -c 'trap \"exit 7\" TERM; echo ready; echo err >&2; while :; do sleep 1 & wait $!; done' | Start-CtrTask"
        );
        Assert.Equal(CtrStatus.Running, task.Status);
        await Eventually.TrueAsync(() => Lines($"Get-CtrLog {id}") is ["ready", "err"]);
        Assert.Equal(["1000", "x"], Lines($"'x' | Invoke-CtrExec {id} -- sh -c 'id -u; cat'"));
        Fails($"Invoke-CtrExec {id} -- sh -c 'exit 5'", ErrorIds.ProcessExitedNonZero, ErrorCategory.InvalidResult);
        Fails($"Invoke-CtrExec {id} -- no-such-program", ErrorIds.CommandNotFound, ErrorCategory.ObjectNotFound);
        Fails($"Invoke-CtrExec {id} -- /no/such/program", ErrorIds.CommandNotFound, ErrorCategory.ObjectNotFound);
        Fails($"Invoke-CtrExec {id} -- /etc/passwd", ErrorIds.CommandNotExecutable, ErrorCategory.InvalidArgument);
        Fails($"Invoke-CtrExec {id} -WorkingDirectory /no/such -- true", ErrorIds.WorkingDirectoryNotFound, ErrorCategory.ObjectNotFound);
        Fails($"Start-CtrTask {id}", ErrorIds.TaskExists, ErrorCategory.ResourceExists);
        await fixture.CtrAsync("tasks", "pause", id);
        Fails($"Invoke-CtrExec {id} -- true", ErrorIds.TaskPaused, ErrorCategory.ResourceBusy);
        await fixture.CtrAsync("tasks", "resume", id);
        Assert.Equal(7, engine.Require<CtrExit>($"Stop-CtrTask {id}").ExitCode);
        Fails($"Invoke-CtrExec {id} -- true", ErrorIds.TaskNotRunning, ErrorCategory.ResourceBusy);
        Fails($"Send-CtrSignal {id} TERM", ErrorIds.TaskNotRunning, ErrorCategory.ResourceBusy);
        Assert.Equal(7, engine.Require<CtrExit>($"Remove-CtrTask {id}").ExitCode);
        engine.Require($"Start-CtrTask {id}");
        engine.Require($"Remove-CtrContainer {id} -Force");
        Fails(
            $"New-CtrContainer {id} -Image {TestImages.Busybox} -Runtime {runtime} -- no-such-program | Start-CtrTask",
            ErrorIds.CommandNotFound,
            ErrorCategory.ObjectNotFound
        );
        engine.Require($"Remove-CtrContainer {id}");
        Assert.Equal(
            ["B", "A"],
            Lines($"'a', 'b' | Invoke-CtrContainer {TestImages.Busybox} -Id {id} -Runtime {runtime} -- sh -c 'sort -r | tr ab AB'")
        );
        Fails(
            $"Invoke-CtrContainer {TestImages.Busybox} -Id {id} -Runtime {runtime} -Timeout 500ms -- sleep 1000",
            ErrorIds.ProcessTimedOut,
            ErrorCategory.OperationTimeout
        );
        Fails(
            $"Invoke-CtrContainer {TestImages.Busybox} -Id {id} -Runtime {runtime} -- /no/such/program",
            ErrorIds.CommandNotFound,
            ErrorCategory.ObjectNotFound
        );
        Assert.DoesNotContain(await fixture.LeftAsync(), left => left.Contains(id, StringComparison.Ordinal));
        await DaemonFixture.AssertPipesGoAsync();
        HostTable.AddHere(suite, runtime, engine.Require<CtrInfo>("Get-CtrInfo"));
    }
}

using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Exec;

/// <summary>The exit codes of commands that cannot start: those of a shell and of Docker.</summary>
public sealed class CommandExitCodeTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    protected override async Task PrepareAsync() => await StartAsync();

    [Theory]
    [InlineData("Invoke-CtrExec ID -- no-such-program", 127, ErrorIds.CommandNotFound)]
    [InlineData("Invoke-CtrExec ID -- /no/such/program", 127, ErrorIds.CommandNotFound)]
    [InlineData("Invoke-CtrExec ID -- /etc/passwd", 126, ErrorIds.CommandNotExecutable)]
    [InlineData("'in' | Invoke-CtrExec ID -- no-such-program", 127, ErrorIds.CommandNotFound)]
    [InlineData("Get-CtrContainer ID | Invoke-CtrExec -ThrottleLimit 2 -- no-such-program", 127, ErrorIds.CommandNotFound)]
    [InlineData("Invoke-CtrExec ID -WorkingDirectory /no/such -- true", 126, ErrorIds.WorkingDirectoryNotFound)]
    [InlineData("Invoke-CtrContainer IMAGE -- no-such-program", 127, ErrorIds.CommandNotFound)]
    [InlineData("Invoke-CtrContainer IMAGE -- /etc/passwd", 126, ErrorIds.CommandNotExecutable)]
    public void A_command_that_cannot_start_sets_the_exit_code_and_is_a_result_with_PassThru(string command, int code, string error)
    {
        command = command.Replace("ID", Id, StringComparison.Ordinal).Replace("IMAGE", Busybox, StringComparison.Ordinal);
        var done = Engine.Invoke($"$global:LASTEXITCODE = 0; {command}; $?; $LASTEXITCODE");
        Assert.Equal([false, code], done.Output.Select(o => o.BaseObject));
        Assert.StartsWith(error + ",", done.Error.FullyQualifiedErrorId, StringComparison.Ordinal);

        done = Engine.Invoke(
            $"$global:LASTEXITCODE = 0; {command.Replace(" -- ", " -PassThru -- ", StringComparison.Ordinal)}; $?; $LASTEXITCODE"
        );
        Assert.Empty(done.Errors);
        var result = Assert.IsType<CtrExecResult>(done.Output[0].BaseObject);
        Assert.Equal((code, error, DaemonFixture.Namespace), (result.ExitCode, result.ErrorId, result.Namespace));
        Assert.NotNull(result.Session);
        Assert.Empty(Assert.IsType<string[]>(result.Output));
        Assert.Equal(done.Output[2].BaseObject, code);
        Assert.Single(result.ErrorOutput!);
        Assert.Equal(true, done.Output[1].BaseObject);
    }

    [Fact]
    public void Attached_tasks_set_it_too_and_any_other_failure_is_125_and_an_error()
    {
        var (missing, none) = (NewId(), NewId());
        Engine.Require($"$null = New-CtrContainer {missing} -Image {Busybox} -- no-such-program");
        Assert.Equal(127, Code($"Start-CtrTask {missing} -Attach", ErrorIds.CommandNotFound));
        Assert.Equal(125, Code($"Start-CtrTask {Id} -Attach", ErrorIds.TaskExists));
        Assert.Equal(125, Code($"Connect-CtrTask {missing} -Attach", ErrorIds.TaskNotFound));
        Assert.Equal(125, Code($"Invoke-CtrExec {none} -- true", ErrorIds.ContainerNotFound));
        Assert.Equal(125, Code($"Invoke-CtrExec {none} -PassThru -- true", ErrorIds.ContainerNotFound));
        Assert.Equal(125, Code($"Invoke-CtrContainer {Busybox} -Id {Id} -PassThru -- true", ErrorIds.ContainerExists));
        // Nothing was run, so nothing is said about it.
        Assert.Equal(0, Engine.Require<int>($"Invoke-CtrExec {Id} -WhatIf -- no-such-program; $LASTEXITCODE"));
    }

    private int Code(string command, string error)
    {
        var done = Engine.Invoke($"$global:LASTEXITCODE = 0; {command}; $LASTEXITCODE; $global:LASTEXITCODE = 0");
        Assert.StartsWith(error + ",", done.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        return (int)Assert.Single(done.Output).BaseObject;
    }
}

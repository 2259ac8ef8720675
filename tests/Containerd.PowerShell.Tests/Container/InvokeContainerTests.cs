using System.Diagnostics;
using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Container;

/// <summary>Invoke-CtrContainer: a container for one command.</summary>
public sealed class InvokeContainerTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public async Task Output_and_exit_code_are_returned_and_nothing_is_left()
    {
        var done = Engine.Invoke($"Invoke-CtrContainer {Busybox} -Id {Id} -- sh -c 'echo out; echo err >&2; exit 3'; $?; $LASTEXITCODE");
        Assert.Equal(["out", false, 3], done.Output.Select(o => o.BaseObject));
        Assert.Equal("err", Assert.Single(done.Information).MessageData.ToString());
        AssertError(done.Error, ErrorIds.ProcessExitedNonZero, "InvokeCtrContainer", ErrorCategory.InvalidResult);
        Assert.Equal((Id, 3), done.Error.TargetObject is CtrExecResult result ? (result.ContainerId, result.ExitCode) : default);
        await AssertGoneAsync(Id);
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Fact]
    public async Task Input_is_passed_and_results_are_returned()
    {
        Assert.Equal(["b", "a"], Engine.Require($"'a', 'b' | Invoke-CtrContainer {Busybox} -Id {Id} -- sort -r").Select(o => o.ToString()));
        Assert.Equal(
            ["0"],
            Engine.Require($"Invoke-CtrContainer {Busybox} -Id {Id} -- sh -c 'cat | wc -c | tr -d \" \"'").Select(o => o.ToString())
        );
        var result = Engine.Require<CtrExecResult>($"Invoke-CtrContainer {Busybox} -Id {Id} -PassThru -- sh -c 'echo x; exit 9'");
        Assert.Equal((Id, 9), (result.ContainerId, result.ExitCode));
        Assert.Equal(["x"], Assert.IsType<string[]>(result.Output));
        Assert.Equal("a\n", Engine.Require<string>($"Invoke-CtrContainer {Busybox} -Id {Id} -Raw -- echo a"));
        Assert.Equal(
            ["named"],
            Engine.Require($"Invoke-CtrContainer -Image {Busybox} -Id {Id} -Hostname named -- hostname").Select(o => o.ToString())
        );
        await AssertGoneAsync(Id);
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Fact]
    public async Task A_timeout_kills_and_removes_it()
    {
        var clock = Stopwatch.StartNew();
        var done = Engine.Invoke($"Invoke-CtrContainer {Busybox} -Id {Id} -Timeout 4 -- sh -c 'echo begun; exec sleep 1000'");
        Assert.InRange(clock.Elapsed.TotalSeconds, 4, 8);
        Assert.Equal("begun", Assert.Single(done.Output).ToString());
        AssertError(done.Error, ErrorIds.ProcessTimedOut, "InvokeCtrContainer", ErrorCategory.OperationTimeout);
        await AssertGoneAsync(Id);
    }

    [Fact]
    public async Task Ctrl_C_returns_the_prompt_and_removes_it()
    {
        var running = Engine.Start($"Invoke-CtrContainer {Busybox} -Id {Id} -- sh -c 'echo begun; exec sleep 1000'");
        await Eventually.TrueAsync(() => running.Output.Count == 1);
        var clock = Stopwatch.StartNew();
        await running.StopAsync();
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(1.9), $"{clock.Elapsed}");
        Assert.IsType<PipelineStoppedException>(running.Wait().Exception);
        await Eventually.TrueAsync(() =>
            !DaemonFixture.LeftAsync().GetAwaiter().GetResult().Any(left => left.Contains(Id, StringComparison.Ordinal))
        );
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Fact]
    public async Task Keep_keeps_the_container_with_its_exit()
    {
        Assert.Equal(
            ["out"],
            Engine
                .Require($"Invoke-CtrContainer {Busybox} -Id {Id} -Keep -AllowExitCode 6 -- sh -c 'echo out; exit 6'")
                .Select(o => o.ToString())
        );
        Assert.Equal(6, Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").LastExit!.ExitCode);
        AssertError(Engine.Invoke($"Get-CtrTask {Id}").Error, ErrorIds.TaskNotFound, "GetCtrTask", ErrorCategory.ObjectNotFound);
        AssertError(
            Engine.Invoke($"Invoke-CtrContainer {Busybox} -Id {Id} -- true").Error,
            ErrorIds.ContainerExists,
            "InvokeCtrContainer",
            ErrorCategory.ResourceExists,
            Id
        );
        Engine.Require($"Remove-CtrContainer {Id}");
        await AssertGoneAsync(Id);
    }

    [Theory]
    [InlineData("-- no-such-program", ErrorIds.CommandNotFound, ErrorCategory.ObjectNotFound)]
    [InlineData("-Keep -- no-such-program", ErrorIds.CommandNotFound, ErrorCategory.ObjectNotFound)]
    [InlineData("-- /etc/passwd", ErrorIds.CommandNotExecutable, ErrorCategory.InvalidArgument)]
    [InlineData("-User nobody-here -- true", ErrorIds.UserNotFound, ErrorCategory.ObjectNotFound)]
    public async Task A_container_that_cannot_run_is_one_clear_error_and_leaves_nothing(
        string options,
        string error,
        ErrorCategory category
    )
    {
        var done = Engine.Invoke($"Invoke-CtrContainer {Busybox} -Id {Id} {options}");
        Assert.Empty(done.Output);
        AssertError(done.Error, error, "InvokeCtrContainer", category);
        await AssertGoneAsync(Id);
        done = Engine.Invoke($"1..1000 | Invoke-CtrContainer {Busybox} -Id {Id} {options}");
        AssertError(done.Error, error, "InvokeCtrContainer", category);
        await AssertGoneAsync(Id);
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Fact]
    public void A_missing_image_is_reported()
    {
        var done = Engine.Invoke("Invoke-CtrContainer no/such/image -Pull Never -- true");
        AssertError(done.Error, ErrorIds.ImageNotFound, "InvokeCtrContainer", ErrorCategory.ObjectNotFound);
        Assert.Contains("no/such/image", done.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_terminal_both_streams_are_one()
    {
        Assert.Equal(
            ["out", "err", "tty"],
            Engine
                .Require($"Invoke-CtrContainer {Busybox} -Id {Id} -Tty -- sh -c 'echo out; echo err >&2; test -t 1 && echo tty'")
                .Select(o => o.ToString())
        );
        await AssertGoneAsync(Id);
    }
}

using System.Diagnostics;
using System.Management.Automation;
using System.Security.Cryptography;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Exec;

/// <summary>What becomes of an exec's output and exit code.</summary>
public sealed class ExecOutputTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    protected override async Task PrepareAsync() => await StartAsync();

    private Invocation Exec(string rest) => Engine.Invoke($"Invoke-CtrExec {Id} {rest}");

    private static string[] Lines(Invocation done) => [.. done.Output.Select(o => (string)o.BaseObject)];

    [Fact]
    public async Task Standard_output_is_returned_as_lines_with_any_line_endings()
    {
        var done = Exec("-- printf 'one\\n\\nthree\\r\\nlast'");
        Assert.Empty(done.Errors);
        Assert.Equal(["one", "", "three", "last"], Lines(done));
        Assert.Empty(Lines(Exec("-- true")));
        Assert.Equal(
            ["ä", "€", "𝄞"],
            Lines(Exec("-- sh -c 'for p in 303 244 12 342 202 254 12 360 235 204 236 12; do printf \"\\\\$p\"; sleep 0.02; done'"))
        );
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Fact]
    public void Standard_output_is_returned_as_bytes_or_as_one_text()
    {
        var bytes = Exec("-AsByteStream -- printf '\\377\\000a\\r\\n'");
        Assert.Equal([0xff, 0x00, 0x61, 0x0d, 0x0a], bytes.Output.Select(o => (byte)o.BaseObject));
        Assert.Equal("a\r\n\nb", Engine.Require<string>($"Invoke-CtrExec {Id} -Raw -- printf 'a\\r\\n\\nb'"));
        Assert.Equal("", Engine.Require<string>($"Invoke-CtrExec {Id} -Raw -- true"));
        Assert.Equal([0xff, 0x0a], Engine.Require<byte[]>($", (Invoke-CtrExec {Id} -Raw -AsByteStream -- printf '\\377\\n')"));
    }

    [Fact]
    public void Standard_error_goes_to_the_selected_destination()
    {
        const string Both = "-- sh -c 'echo out; echo err >&2; echo bad >&2'";
        var done = Exec(Both);
        Assert.Equal(["out"], Lines(done));
        Assert.Equal(["err", "bad"], done.Information.Select(i => i.MessageData.ToString()));
        Assert.All(done.Information, i => Assert.Contains("StandardError", i.Tags));
        Assert.Empty(done.Errors);

        done = Exec("-StandardError Output " + Both);
        Assert.Equal(["bad", "err", "out"], Lines(done).Order(StringComparer.Ordinal));
        Assert.Empty(done.Information);

        done = Exec("-StandardError Error " + Both);
        Assert.Equal(["out"], Lines(done));
        Assert.Equal(["err", "bad"], done.Errors.Select(e => e.ToString()));
        Assert.All(done.Errors, e => AssertError(e, ErrorIds.StandardError, "InvokeCtrExec", ErrorCategory.FromStdErr));

        done = Exec("-StandardError Null " + Both);
        Assert.Equal(["out"], Lines(done));
        Assert.Empty(done.Information);
        Assert.Empty(done.Errors);
        Assert.Contains("err", Engine.Display($"Invoke-CtrExec {Id} {Both}"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_non_zero_exit_is_one_error_after_all_output_with_the_result_as_its_target()
    {
        var done = Engine.Invoke($"Invoke-CtrExec {Id} -- sh -c 'echo a; echo b >&2; echo c; exit 3'; $?; $LASTEXITCODE");
        Assert.Equal(["a", "c", false, 3], done.Output.Select(o => o.BaseObject));
        AssertError(done.Error, ErrorIds.ProcessExitedNonZero, "InvokeCtrExec", ErrorCategory.InvalidResult);
        var result = Assert.IsType<CtrExecResult>(done.Error.TargetObject);
        Assert.Equal((Id, 3, false), (result.ContainerId, result.ExitCode, result.TimedOut));
        Assert.IsType<CtrProcessExitedException>(done.Error.Exception);
        Assert.Equal(3, ((CtrProcessExitedException)done.Error.Exception).Exit!.ExitCode);

        done = Engine.Invoke($"Invoke-CtrExec {Id} -- sh -c 'echo a; echo oops >&2'; $?; $LASTEXITCODE");
        Assert.Equal(["a", true, 0], done.Output.Select(o => o.BaseObject));
        Assert.Empty(done.Errors);
    }

    [Fact]
    public void An_allowed_exit_code_is_not_an_error()
    {
        var done = Engine.Invoke($"Invoke-CtrExec {Id} -AllowExitCode 0, 3 -- sh -c 'exit 3'; $?; $LASTEXITCODE");
        Assert.Equal([true, 3], done.Output.Select(o => o.BaseObject));
        Assert.Empty(done.Errors);
        AssertError(Exec("-AllowExitCode 1 -- true").Error, ErrorIds.ProcessExitedNonZero, "InvokeCtrExec", ErrorCategory.InvalidResult);
    }

    [Fact]
    public void PassThru_returns_one_result_and_no_error()
    {
        var result = Engine.Require<CtrExecResult>($"Invoke-CtrExec {Id} -PassThru -- sh -c 'echo a; echo b; echo x >&2; exit 5'");
        Assert.Equal((Id, 5, false), (result.ContainerId, result.ExitCode, result.TimedOut));
        Assert.Equal(["a", "b"], Assert.IsType<string[]>(result.Output));
        Assert.Equal(["x"], result.ErrorOutput!);
        Assert.True(result.Pid > 0);
        Assert.True(result.Duration > TimeSpan.Zero);
        Assert.Equal(5, Engine.Require<int>("$LASTEXITCODE"));
        Assert.Equal("a\nb\n", Engine.Require<CtrExecResult>($"Invoke-CtrExec {Id} -PassThru -Raw -- printf 'a\\nb\\n'").Output);
        Assert.Equal(
            [1, 2],
            Assert.IsType<byte[]>(
                Engine.Require<CtrExecResult>($"Invoke-CtrExec {Id} -PassThru -AsByteStream -- printf '\\001\\002'").Output
            )
        );
    }

    [Fact]
    public void Under_ErrorActionPreference_Stop_standard_error_does_not_abort_and_a_failure_does()
    {
        var done = Engine.Invoke(
            $"$ErrorActionPreference = 'Stop'; Invoke-CtrExec {Id} -- sh -c 'echo warn >&2; echo fine'; Invoke-CtrExec {Id} -- sh -c 'echo last; exit 2'; 'never'"
        );
        Assert.Equal(["fine", "last"], Lines(done));
        Assert.IsType<ActionPreferenceStopException>(done.Exception);
        Assert.StartsWith("ProcessExitedNonZero,", done.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        done = Engine.Invoke(
            $"$ErrorActionPreference = 'Stop'; try {{ Invoke-CtrExec {Id} -- sh -c 'exit 2' }} catch [Containerd.CtrProcessExitedException] {{ $_.TargetObject.ExitCode }}"
        );
        Assert.Equal(2, Assert.Single(done.Output).BaseObject);
    }

    [Fact]
    public async Task A_timeout_kills_the_process_and_is_reported()
    {
        var clock = Stopwatch.StartNew();
        var done = Engine.Invoke($"Invoke-CtrExec {Id} -Timeout 3s -- sh -c 'echo begun; exec sleep 777'; $?; $LASTEXITCODE");
        Assert.InRange(clock.Elapsed.TotalSeconds, 3, 6);
        Assert.Equal(["begun", false], done.Output.Take(2).Select(o => o.BaseObject));
        // -1 where the shim of a busy machine did not report the end within half a second.
        Assert.Contains(done.Output[2].BaseObject, new object[] { 137, -1 });
        AssertError(done.Error, ErrorIds.ProcessTimedOut, "InvokeCtrExec", ErrorCategory.OperationTimeout);
        Assert.True(Assert.IsType<CtrExecResult>(done.Error.TargetObject).TimedOut);
        var result = Engine.Require<CtrExecResult>($"Invoke-CtrExec {Id} -PassThru -Timeout 1s -- sleep 777");
        Assert.True(result.TimedOut);
        Assert.Contains(result.ExitCode, new int?[] { 137, null });
        await Eventually.TrueAsync(() => !Processes().Contains("sleep 777", StringComparison.Ordinal));
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Fact]
    public async Task Twenty_megabytes_pass_through_standard_output_unchanged()
    {
        var done = Engine.Invoke(
            $"$m = Invoke-CtrExec {Id} -Raw -AsByteStream -- sh -c 'head -c 20971520 /dev/urandom > /tmp/data; cat /tmp/data'; , $m; Invoke-CtrExec {Id} -- sha256sum /tmp/data"
        );
        Assert.Empty(done.Errors);
        var data = (byte[])done.Output[0].BaseObject;
        Assert.Equal(20971520, data.Length);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(data)).ToLowerInvariant(), ((string)done.Output[1].BaseObject).Split(' ')[0]);
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Fact]
    public async Task A_background_child_that_holds_the_output_is_a_warning_after_two_seconds()
    {
        var clock = Stopwatch.StartNew();
        var done = Engine.Invoke($"Invoke-CtrExec {Id} -- sh -c 'echo parent; sleep 25 & exit 4'; $LASTEXITCODE");
        Assert.InRange(clock.Elapsed.TotalSeconds, 1.9, 6);
        Assert.Equal(["parent", 4], done.Output.Select(o => o.BaseObject));
        Assert.Contains("holds its output open", Assert.Single(done.Warnings).Message, StringComparison.Ordinal);
        AssertError(done.Error, ErrorIds.ProcessExitedNonZero, "InvokeCtrExec", ErrorCategory.InvalidResult);
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Fact]
    public async Task Ctrl_C_returns_the_prompt_at_once_and_kills_the_process()
    {
        var running = Engine.Start($"Invoke-CtrExec {Id} -ExecId stopped -- sh -c 'echo begun; exec sleep 778'");
        await Eventually.TrueAsync(() => running.Output.Count == 1);
        var clock = Stopwatch.StartNew();
        await running.StopAsync();
        Assert.True(clock.Elapsed < AtOnce.Limit, $"{clock.Elapsed}");
        Assert.IsType<PipelineStoppedException>(running.Wait().Exception);
        await Eventually.TrueAsync(() => !Processes().Contains("sleep 778", StringComparison.Ordinal));
        // The exec is deleted: its id is free again.
        await Eventually.TrueAsync(() => Exec("-ExecId stopped -- true").Errors.Count == 0);
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Fact]
    public async Task A_pipeline_that_is_stopped_downstream_ends_the_process()
    {
        var clock = Stopwatch.StartNew();
        var done = Engine.Invoke(
            $"foreach ($once in 1) {{ Invoke-CtrExec {Id} -- sh -c 'while :; do echo line; sleep 0.01; done; exec sleep 779' | ForEach-Object {{ $_; break }} }}; 'after'"
        );
        Assert.Equal(["line", "after"], Lines(done));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(6), $"{clock.Elapsed}");
        await Eventually.TrueAsync(() => !Processes().Contains("echo line", StringComparison.Ordinal));
        done = Engine.Invoke(
            $"try {{ Invoke-CtrExec {Id} -- sh -c 'echo x; exec sleep 779' | ForEach-Object {{ throw 'enough' }} }} catch {{ $_.ToString() }}"
        );
        Assert.Equal(["enough"], Lines(done));
        await Eventually.TrueAsync(() => !Processes().Contains("sleep 779", StringComparison.Ordinal));
        await DaemonFixture.AssertPipesGoAsync();
    }

    [Fact]
    public async Task Output_is_returned_while_the_process_is_still_running()
    {
        using var other = DaemonFixture.Open();
        var running = Engine.Start($"Invoke-CtrExec {Id} -- sh -c 'echo early; while [ ! -e /tmp/go ]; do sleep 0.05; done; echo late'");
        await Eventually.TrueAsync(() => running.Output.Count == 1);
        Assert.False(running.IsCompleted);
        other.Require($"Invoke-CtrExec {Id} -- touch /tmp/go");
        Assert.Equal(["early", "late"], Lines(running.Wait()));
    }

    [Fact]
    public async Task A_slow_consumer_slows_the_process_and_loses_nothing()
    {
        var done = Engine.Invoke(
            $"$n = 0; Invoke-CtrExec {Id} -- seq 1 30000 | ForEach-Object {{ $n++; if ($_ -ne $n) {{ throw \"$_ is not $n\" }} }}; $n"
        );
        Assert.Equal(30000, Assert.Single(done.Output).BaseObject);
        await DaemonFixture.AssertPipesGoAsync();
    }

    private string Processes() => string.Join('\n', Engine.Require($"Invoke-CtrExec {Id} -- ps -o args"));
}

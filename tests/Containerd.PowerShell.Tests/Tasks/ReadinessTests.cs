using System.Diagnostics;
using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Tasks;

/// <summary>Wait-CtrTask -Healthy, -LogPattern and -Port.</summary>
public sealed class ReadinessTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    private const string Server =
        "-- sh -c 'until [ -e /go ]; do sleep 0.05; done; echo Listening on 8080; exec httpd -f -p 127.0.0.1:8080'";

    [Fact]
    public async Task A_container_is_ready_once_all_conditions_are_fulfilled_and_its_task_is_returned()
    {
        await StartAsync(Server);
        Health(Id, "starting");
        var waiting = Engine.Start($"'begun'; Wait-CtrTask {Id} -Healthy -LogPattern '^listening ON \\d+$' -Port 8080 -Timeout 60s");
        await Eventually.TrueAsync(() => waiting.Output.Count == 1);
        using var other = DaemonFixture.Open();
        other.Require($"Invoke-CtrExec {Id} -- touch /go");
        other.Require($"Wait-CtrTask {Id} -Port 8080");
        Assert.False(waiting.IsCompleted);
        other.Require(HealthLine(Id, "healthy"));
        var done = waiting.Wait();
        Assert.Empty(done.Errors);
        var task = Assert.Single(done.Of<CtrTask>());
        Assert.Equal((Id, CtrStatus.Running), (task.ContainerId, task.Status));
        Assert.NotNull(task.StartedAt);
        Assert.Contains(Busybox, task.Image, StringComparison.Ordinal);

        // The object goes on down the pipeline.
        Assert.Equal(Id, Engine.Require<CtrExit>($"Wait-CtrTask {Id} -Healthy -Port 8080, 8080 | Stop-CtrTask -Timeout 0").ContainerId);
    }

    [Fact]
    public async Task Several_containers_are_awaited_at_the_same_time_with_one_object_or_error_for_each()
    {
        await StartAsync("-- sh -c 'sleep 0.5; echo ready; sleep 1000'", $"{Id}-a");
        await StartAsync(Idle, $"{Id}-b");
        await StartAsync("-- sh -c 'sleep 0.5; exit 3'", $"{Id}-c");
        var clock = Stopwatch.StartNew();
        var done = Engine.Invoke(
            $"Get-CtrTask {Id}-* | Wait-CtrTask -LogPattern ready -Timeout 4s; Wait-CtrTask {Id}-none -LogPattern ready"
        );
        Assert.InRange(clock.Elapsed.TotalSeconds, 3.9, 20);
        Assert.Equal($"{Id}-a", Assert.Single(done.Of<CtrTask>()).ContainerId);
        var errors = done.Errors.ToDictionary(e => e.FullyQualifiedErrorId.Split(',')[0], StringComparer.Ordinal);
        Assert.Equal(3, errors.Count);
        AssertError(errors[ErrorIds.ReadinessTimedOut], ErrorIds.ReadinessTimedOut, "WaitCtrTask", ErrorCategory.OperationTimeout);
        Assert.Equal($"{Id}-b", errors[ErrorIds.ReadinessTimedOut].TargetObject.ToString());
        Assert.Contains($"Get-CtrLog {Id}-b", errors[ErrorIds.ReadinessTimedOut].ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        AssertError(errors[ErrorIds.TaskExited], ErrorIds.TaskExited, "WaitCtrTask", ErrorCategory.InvalidResult);
        AssertError(errors[ErrorIds.ContainerNotFound], ErrorIds.ContainerNotFound, "WaitCtrTask", ErrorCategory.ObjectNotFound);
        Assert.Equal(CtrStatus.Running, Status($"{Id}-b"));
    }

    [Theory]
    [InlineData("-LogPattern ready")]
    [InlineData("-Port 80")]
    [InlineData("-Healthy")]
    [InlineData("-Healthy -LogPattern ready -Port 80")]
    public async Task A_task_that_exits_first_is_an_error_whose_target_is_the_exit(string how)
    {
        await StartAsync("-- sh -c 'sleep 0.5; exit 9'");
        Health(Id, "starting");
        var done = Engine.Invoke($"Wait-CtrTask {Id} {how}");
        Assert.Empty(done.Output);
        var exit = Assert.IsType<CtrExit>(done.Error.TargetObject);
        Assert.Equal((Id, 9), (exit.ContainerId, exit.ExitCode));
        Assert.True(exit.Pid > 0 && exit.ExitedAt is not null);
        Assert.Contains("exited with code 9 before", done.Error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("Get-CtrLog", done.Error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        // It is the same when the task had exited before.
        Assert.Equal(9, Engine.Require<int>($"try {{ Wait-CtrTask {Id} {how} -ErrorAction Stop }} catch {{ $_.TargetObject.ExitCode }}"));
        AssertError(Engine.Invoke($"Wait-CtrTask {Id} {how}").Error, ErrorIds.TaskExited, "WaitCtrTask", ErrorCategory.InvalidResult);
    }

    [Fact]
    public async Task A_container_that_nobody_checks_is_an_error_and_one_without_a_check_at_once()
    {
        await StartAsync();
        var error = Engine.Invoke($"Wait-CtrTask {Id} -Healthy").Error;
        AssertError(error, ErrorIds.HealthNotConfigured, "WaitCtrTask", ErrorCategory.ObjectNotFound, Id);
        Assert.Contains("-LogPattern", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Health(Id, "starting");
        error = Engine.Invoke($"Wait-CtrTask {Id} -Healthy -Timeout 300ms").Error;
        AssertError(error, ErrorIds.ReadinessTimedOut, "WaitCtrTask", ErrorCategory.OperationTimeout, Id);
        Assert.Contains("'starting'", error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains("run a program that does", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-Healthy -Any", "-Any")]
    [InlineData("-LogPattern x -Any", "-Any")]
    [InlineData("-Port 80 -Any", "-Any")]
    [InlineData("-Port 80 -ExecId x", "-ExecId")]
    public void What_is_about_exits_cannot_be_combined_with_readiness(string how, string named)
    {
        var error = Engine.Invoke($"'{Id}' | Wait-CtrTask {how}").Error;
        AssertError(error, ErrorIds.ConflictingParameters, "WaitCtrTask", ErrorCategory.InvalidArgument);
        Assert.Contains(named, error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_exec_cannot_be_ready_and_a_switch_that_is_off_changes_nothing()
    {
        await StartAsync();
        var error = Engine.Invoke($"Invoke-CtrExec {Id} -Detach -- sleep 1000 | Wait-CtrTask -Port 80").Error;
        AssertError(error, ErrorIds.ConflictingParameters, "WaitCtrTask", ErrorCategory.InvalidArgument);
        AssertError(
            Engine.Invoke($"Wait-CtrTask {Id} -Healthy:$false -Any -Timeout 100ms").Error,
            ErrorIds.WaitTimedOut,
            "WaitCtrTask",
            ErrorCategory.OperationTimeout
        );
    }

    [Theory]
    [InlineData("'web['", "not a valid regular expression")]
    [InlineData("''", "empty pattern")]
    [InlineData("([datetime]::Now)", "System.DateTime")]
    [InlineData("$null", "null")]
    public void A_bad_pattern_is_an_error_of_the_parameter(string pattern, string expected)
    {
        var done = Engine.Invoke($"Wait-CtrTask {Id} -LogPattern {pattern}");
        var error = Assert.IsAssignableFrom<ParameterBindingException>(done.Exception ?? done.Errors[0].Exception);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ready", true)]
    [InlineData("[regex]'ready'", false)]
    [InlineData("[regex]'READY'", true)]
    [InlineData("[regex]::new('ready', 'IgnoreCase')", true)]
    [InlineData("(?-i)ready", false)]
    [InlineData("^db\\.READY\\(\\)$", true)]
    public async Task A_text_ignores_case_and_a_regex_has_its_own_options(string pattern, bool found)
    {
        await StartAsync("-- sh -c 'echo \"db.READY()\"; sleep 1000'");
        await Eventually.TrueAsync(() => Engine.Require($"Get-CtrLog {Id}").Count > 0);
        var quoted = pattern.StartsWith("[regex]", StringComparison.Ordinal) ? $"({pattern})" : $"'{pattern}'";
        var done = Engine.Invoke($"Wait-CtrTask {Id} -LogPattern {quoted} -Timeout 500ms");
        Assert.Equal(found, done.Of<CtrTask>().Any());
        Assert.Equal(found, done.Errors.Count == 0);
    }

    [Fact]
    public async Task Ctrl_C_ends_the_wait_at_once()
    {
        await StartAsync();
        Health(Id, "unhealthy");
        var waiting = Engine.Start($"'begun'; Wait-CtrTask {Id} -Healthy -LogPattern x -Port 80");
        await Eventually.TrueAsync(() => waiting.Output.Count == 1);
        var clock = Stopwatch.StartNew();
        await waiting.StopAsync();
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(2), $"{clock.Elapsed}");
        Assert.Equal(CtrStatus.Running, Status());
    }

    private void Health(string id, string status) => Engine.Require(HealthLine(id, status));

    private static string HealthLine(string id, string status) =>
        $"Set-CtrContainer {id} -Label @{{ 'nerdctl/healthstate' = '{{\"Status\":\"{status}\",\"FailingStreak\":0}}' }}";
}

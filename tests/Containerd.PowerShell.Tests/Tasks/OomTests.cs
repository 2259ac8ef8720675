using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Tasks;

/// <summary>A process that the kernel killed because memory ran out is distinguished from one that was killed otherwise.</summary>
public sealed class OomTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    // busybox's tail keeps a line until it ends.
    private const string Hungry = "tail /dev/zero";
    private const string Limit = "-Memory 32m";

    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task The_exit_of_a_task_that_ran_out_of_memory_is_reported_before_and_after_its_deletion(string suite)
    {
        Use(await DaemonFixtures.GetAsync(suite, "runc"));
        Engine.Require($"$null = New-CtrContainer {Id} -Image {Busybox} {Limit} -- {Hungry} | Start-CtrTask");
        var exit = Engine.Require<CtrExit>($"Wait-CtrTask {Id}");
        Assert.Equal((137, true), (exit.ExitCode, exit.OomKilled));
        Assert.True(Engine.Require<CtrTask>($"Get-CtrTask {Id}").OomKilled);
        Assert.True(Engine.Require<CtrTask>($"Get-CtrTask {Id}*").OomKilled);
        // A task that has stopped and exists still.
        Assert.Matches(
            "^137 \\(OOM\\), (now|\\d+ (second|minute)s? ago)$",
            Engine.Require<string>($"\"$((Get-CtrContainer {Id}).LastExit)\"")
        );
        Assert.Matches("^137 \\(OOM\\), ", Engine.Require<string>($"\"$((Get-CtrContainer {Id}*).LastExit)\""));
        Assert.Contains("137 (OOM)", Engine.Display($"Get-CtrTask {Id}"), StringComparison.Ordinal);
        Assert.True(Engine.Require<CtrExit>($"Remove-CtrTask {Id}").OomKilled);
        var last = Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").LastExit!;
        Assert.Equal((137, true), (last.ExitCode, last.OomKilled));

        // The next task of the container has a counter of its own.
        Engine.Require(
            $"Set-CtrContainer {Id} -Spec ((Get-CtrContainer {Id}).Spec | ForEach-Object {{ $_.Process.Args = 'sh', '-c', 'exit 3'; $_ }})"
        );
        exit = Engine.Require<CtrExit>($"Start-CtrTask {Id} | Wait-CtrTask | Remove-CtrTask");
        Assert.Equal((3, false), (exit.ExitCode, exit.OomKilled));
        Assert.Matches("^3, ", Engine.Require<string>($"\"$((Get-CtrContainer {Id}).LastExit)\""));
    }

    [Fact]
    public void A_killed_or_failed_process_has_not_run_out_of_memory_and_a_child_that_did_is_included()
    {
        Engine.Require($"$null = New-CtrContainer {Id} -Image {Busybox} {Limit} {Idle} | Start-CtrTask");
        var exit = Engine.Require<CtrExit>($"Stop-CtrTask {Id} -Signal KILL");
        Assert.Equal((137, false), (exit.ExitCode, exit.OomKilled));
        var run = Engine.Require<CtrExecResult>($"Invoke-CtrContainer {Busybox} {Limit} -PassThru -- {Hungry}");
        Assert.Equal((137, true), (run.ExitCode, run.OomKilled));
        run = Engine.Require<CtrExecResult>($"Invoke-CtrContainer {Busybox} {Limit} -PassThru -- sh -c '{Hungry}; exit 5'");
        Assert.Equal((5, true), (run.ExitCode, run.OomKilled));
        run = Engine.Require<CtrExecResult>($"Invoke-CtrContainer {Busybox} {Limit} -PassThru -- sh -c 'exit 5'");
        Assert.Equal((5, false), (run.ExitCode, run.OomKilled));
        // No client has read the counter.
        run = Engine.Require<CtrExecResult>($"Invoke-CtrContainer {Busybox} -PassThru -- true");
        Assert.Equal((0, null), (run.ExitCode, run.OomKilled));
    }

    [Fact]
    public void An_exec_has_run_out_of_memory_only_if_the_kernel_killed_a_process_while_it_ran()
    {
        Engine.Require($"$null = New-CtrContainer {Id} -Image {Busybox} {Limit} {Idle} | Start-CtrTask");
        Assert.Equal((3, false), Run("sh -c 'exit 3'"));
        Assert.Equal((137, true), Run(Hungry));
        Assert.Equal((4, false), Run("sh -c 'exit 4'"));
        Assert.Equal((6, true), Run($"sh -c '{Hungry}; exit 6'"));
        Assert.Equal((0, null), Run("true"));
        // Another session counts for the first time, and does not know since when.
        using var other = DaemonFixture.Open();
        var result = other.Require<CtrExecResult>($"Invoke-CtrExec {Id} -PassThru -- sh -c 'exit 4'");
        Assert.Equal((4, null), (result.ExitCode, result.OomKilled));
        // The record of a failure has it too.
        Assert.True(Assert.IsType<CtrExecResult>(Engine.Invoke($"Invoke-CtrExec {Id} -- {Hungry}").Error.TargetObject).OomKilled);

        (int?, bool?) Run(string command) =>
            Engine.Require<CtrExecResult>($"Invoke-CtrExec {Id} -PassThru -- {command}") is var r ? (r.ExitCode, r.OomKilled) : default;
    }

    [Fact]
    public async Task Memory_information_survives_jobs_JSON_and_CSV_and_is_in_the_views()
    {
        Assert.SkipWhen(HostProcess.Pwsh is null, "There is no pwsh on this machine.");
        var run = await HostProcess.RunInPwshAsync(
            """
            Import-Module Containerd
            foreach ($type in 'CtrTask', 'CtrExit', 'CtrExecResult', 'CtrLastExit') {
                $known = foreach ($oom in $true, $false, $null) { ([type]"Containerd.$type")::new() | ForEach-Object { $_.ContainerId = 'web'; $_.ExitCode = 137; $_.OomKilled = $oom; $_ } }
                $json = $known | ConvertTo-Json | ConvertFrom-Json
                $csv = $known | ConvertTo-Csv | ConvertFrom-Csv
                $job = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($known))
                Say $type (($json, $csv, $job | ForEach-Object { ($_ | ForEach-Object { "$($_.OomKilled)" }) -join '/' }) -join ' ')
                if ($type -ne 'CtrLastExit') { Say "$type-table" (($known[0] | Out-String) -match '137 \(OOM\)') }
                Say "$type-list" (($known[0] | Format-List | Out-String) -match 'OomKilled +: True')
            }
            $web = [Containerd.CtrContainer]@{ ContainerId = 'web'; LastExit = @{ ContainerId = 'web'; ExitCode = 7; ExitedAt = (Get-Date).AddSeconds(-125) } }
            Say last (($web | Format-List | Out-String) -match 'LastExit +: 7, 2 minutes ago')
            $copy = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($web))
            Say copy (($copy | Format-List | Out-String) -match 'LastExit +: 7, 2 minutes ago')
            """
        );
        foreach (var type in new[] { "CtrTask", "CtrExit", "CtrExecResult", "CtrLastExit" })
        {
            Assert.Equal("True/False/ True/False/ True/False/", run[type]);
            Assert.Equal("True", run[$"{type}-list"]);
            if (type != "CtrLastExit")
                Assert.Equal("True", run[$"{type}-table"]);
        }

        Assert.Equal(("True", "True"), (run["last"], run["copy"]));
    }

    [Theory]
    [InlineData(7, null, 125, "7, 2 minutes ago")]
    [InlineData(137, true, 61, "137 (OOM), 1 minute ago")]
    [InlineData(137, false, 0, "137, now")]
    [InlineData(0, null, 7200, "0, 2 hours ago")]
    [InlineData(1, null, 86400 * 3, "1, 3 days ago")]
    [InlineData(null, null, 1, "unknown, 1 second ago")]
    [InlineData(4, null, null, "4")]
    public void An_exit_is_shown_as_code_and_age(int? code, bool? oom, int? seconds, string text)
    {
        var now = DateTime.Now;
        Assert.Equal(text, CtrLastExit.Describe(code, oom, seconds is { } age ? now - TimeSpan.FromSeconds(age) : null, now));
    }
}

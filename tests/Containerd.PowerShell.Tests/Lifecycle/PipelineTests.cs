using System.Management.Automation;
using Containerd.Client.Workloads.Stats;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Lifecycle;

/// <summary>What goes from one cmdlet into the next.</summary>
public sealed class PipelineTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public async Task A_pipeline_runs_the_whole_life_cycle_of_a_container()
    {
        var done = Engine.Invoke(
            $"New-CtrContainer {Id} -Image {Busybox} -- true | Start-CtrTask | Wait-CtrTask -OutVariable exit | Remove-CtrContainer; $exit"
        );
        var exit = Assert.Single(done.Of<CtrExit>());
        Assert.Empty(done.Errors);
        Assert.Equal((Id, 0), (exit.ContainerId, exit.ExitCode));
        Assert.True(exit.Pid > 0);
        await AssertGoneAsync(Id);
    }

    [Fact]
    public async Task Ids_as_strings_work_in_every_cmdlet()
    {
        var other = NewId();
        var done = Engine.Invoke(
            $$"""
            $ids = '{{Id}}', '{{other}}'
            $ids | New-CtrContainer -Image {{Busybox}} -- sh -c 'trap "exit 3" USR1; echo ready; while :; do sleep 1 & wait $!; done'
            $ids | Start-CtrTask
            $ids | Get-CtrTask
            $ids | Set-CtrContainer -Label @{ a = 'b' } -PassThru
            """
        );
        Assert.Empty(done.Errors);
        Assert.Equal([Id, other, Id, other], done.Of<CtrContainer>().Select(c => c.ContainerId));
        Assert.Equal([Id, other, Id, other], done.Of<CtrTask>().Select(t => t.ContainerId));
        await Eventually.TrueAsync(() => Engine.Require($"'{Id}', '{other}' | Get-CtrLog").Count == 2);
        done = Engine.Invoke(
            $"$ids = '{Id}', '{other}'; $ids | Send-CtrSignal -Signal USR1; $ids | Wait-CtrTask; $ids | Stop-CtrTask; $ids | Remove-CtrTask; $ids | Remove-CtrContainer"
        );
        Assert.Empty(done.Errors);
        Assert.Equal([3, 3, 3, 3, 3, 3], done.Of<CtrExit>().Select(e => e.ExitCode));
        await AssertGoneAsync(Id);
        await AssertGoneAsync(other);
    }

    [Fact]
    public void Wildcards_in_Get_cmdlets_return_matches_and_a_missing_name_is_an_error()
    {
        Engine.Require($"'{Id}-a', '{Id}-b', '{Id}-c' | New-CtrContainer -Image {Busybox} {Idle}; Start-CtrTask {Id}-a, {Id}-b");
        Assert.Equal([$"{Id}-a", $"{Id}-b", $"{Id}-c"], Engine.Require($"Get-CtrContainer {Id}-*").Select(c => c.ToString()));
        Assert.Equal([$"{Id}-b", $"{Id}-c"], Engine.Require($"Get-CtrContainer {Id}-[bc]").Select(c => c.ToString()));
        Assert.Equal([$"{Id}-a", $"{Id}-b"], Engine.Require($"Get-CtrTask {Id}-?").Select(c => c.ToString()));
        var none = Engine.Invoke($"Get-CtrContainer {Id}-x*; Get-CtrTask {Id}-x*");
        Assert.Empty(none.Output);
        Assert.Empty(none.Errors);

        var missing = Engine.Invoke($"Get-CtrContainer {Id}-x; Get-CtrTask {Id}-x; Get-CtrTask {Id}-c");
        Assert.Equal(3, missing.Errors.Count);
        AssertError(missing.Errors[0], ErrorIds.ContainerNotFound, "GetCtrContainer", ErrorCategory.ObjectNotFound, $"{Id}-x");
        AssertError(missing.Errors[1], ErrorIds.ContainerNotFound, "GetCtrTask", ErrorCategory.ObjectNotFound, $"{Id}-x");
        AssertError(missing.Errors[2], ErrorIds.TaskNotFound, "GetCtrTask", ErrorCategory.ObjectNotFound, $"{Id}-c");
        Assert.All(missing.Errors, e => Assert.False(string.IsNullOrEmpty(e.ErrorDetails.RecommendedAction)));
    }

    [Theory]
    [InlineData("Start-CtrTask", "StartCtrTask")]
    [InlineData("Get-CtrTask", "GetCtrTask")]
    [InlineData("Wait-CtrTask", "WaitCtrTask")]
    [InlineData("Stop-CtrTask", "StopCtrTask")]
    [InlineData("Remove-CtrTask", "RemoveCtrTask")]
    [InlineData("Send-CtrSignal -Signal TERM", "SendCtrSignal")]
    [InlineData("Get-CtrContainer", "GetCtrContainer")]
    [InlineData("Set-CtrContainer -Label @{}", "SetCtrContainer")]
    [InlineData("Remove-CtrContainer -Force", "RemoveCtrContainer")]
    [InlineData("Get-CtrLog", "GetCtrLog")]
    public void A_missing_container_is_one_error_and_a_foreign_object_another(string command, string cmdlet)
    {
        var done = Engine.Invoke($"'{Id}-none', [System.Diagnostics.Process]::GetCurrentProcess(), '{Id}-nil' | {command}");
        Assert.Null(done.Exception);
        Assert.Equal(3, done.Errors.Count);
        var missing = done
            .Errors.Where(e => e.FullyQualifiedErrorId == $"ContainerNotFound,Containerd.PowerShell.{cmdlet}Command")
            .ToList();
        Assert.Equal([$"{Id}-nil", $"{Id}-none"], missing.Select(e => e.TargetObject.ToString()).Order(StringComparer.Ordinal));
        Assert.All(missing, e => Assert.Equal(ErrorCategory.ObjectNotFound, e.CategoryInfo.Category));
        var foreign = Assert.Single(done.Errors.Except(missing));
        Assert.IsType<ParameterBindingException>(foreign.Exception, exactMatch: false);
        Assert.Contains("System.Diagnostics.Process", foreign.ToString(), StringComparison.Ordinal);
        Assert.Contains("does not name a container", foreign.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_object_for_another_parameter_is_bound_to_it()
    {
        foreach (
            var (given, parameter) in new[]
            {
                ("@(Get-CtrSession)[0]", "-Session"),
                ($"(Get-CtrNamespace {DaemonFixture.Namespace})", "-Namespace"),
            }
        )
            Assert.Contains($"with {parameter}.", Engine.Invoke($"Get-CtrTask {given}").Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_about_one_item_does_not_affect_the_others()
    {
        Engine.Require($"'{Id}-a', '{Id}-b' | New-CtrContainer -Image {Busybox} -- true");
        var done = Engine.Invoke($"'{Id}-a', '{Id}-x', '{Id}-b' | Start-CtrTask | Wait-CtrTask");
        Assert.Equal([$"{Id}-a", $"{Id}-b"], done.Of<CtrExit>().Select(e => e.ContainerId).Order(StringComparer.Ordinal));
        AssertError(done.Error, ErrorIds.ContainerNotFound, "StartCtrTask", ErrorCategory.ObjectNotFound, $"{Id}-x");
        var created = Engine.Invoke($"'{Id}-c', 'a/b', '{Id}-d' | New-CtrContainer -Image {Busybox} -- true");
        Assert.Equal([$"{Id}-c", $"{Id}-d"], created.Of<CtrContainer>().Select(e => e.ContainerId));
        AssertError(created.Error, ErrorIds.InvalidId, "NewCtrContainer", ErrorCategory.InvalidArgument, "a/b");
    }

    [Fact]
    public async Task Objects_act_on_the_namespace_that_they_came_from()
    {
        var elsewhere = PrivateDaemon.Unique("elsewhere");
        await DaemonFixture.ImportAsync(elsewhere, await TestImages.BusyboxTarAsync());
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -- sh -c 'exit 1'");
        var done = Engine.Invoke(
            $"New-CtrContainer {Id} -Namespace {elsewhere} -Image {Busybox} -- sh -c 'exit 2' | Start-CtrTask | Wait-CtrTask | Remove-CtrTask"
        );
        Assert.Empty(done.Errors);
        var exit = Assert.Single(done.Of<CtrExit>());
        Assert.Equal((2, elsewhere), (exit.ExitCode, exit.Namespace));
        // The namesake in the session's own namespace was not started, and is not removed.
        AssertError(Engine.Invoke($"Get-CtrTask {Id}").Error, ErrorIds.TaskNotFound, "GetCtrTask", ErrorCategory.ObjectNotFound);
        Engine.Require($"Get-CtrContainer {Id} -Namespace {elsewhere} | Remove-CtrContainer");
        Assert.Empty(await DaemonFixture.LeftAsync(elsewhere));
        Assert.Equal(DaemonFixture.Namespace, Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").Namespace);
    }

    [Fact]
    public async Task Objects_act_on_the_daemon_that_they_came_from_although_another_is_the_default()
    {
        var second = await DaemonFixtures.GetAsync("trixie");
        Engine.Require($"$mine = New-CtrContainer {Id} -Image {Busybox} -- sh -c 'exit 4'");
        Engine.Require($"Connect-CtrSession '{second.Daemon.Address}' -Namespace {second.Namespace}");
        try
        {
            AssertError(
                Engine.Invoke($"Get-CtrContainer {Id}").Error,
                ErrorIds.ContainerNotFound,
                "GetCtrContainer",
                ErrorCategory.ObjectNotFound
            );
            Engine.Require($"$theirs = New-CtrContainer {Id} -Image {Busybox} -- sh -c 'exit 5'");
            var done = Engine.Invoke("$mine, $theirs | Start-CtrTask | Wait-CtrTask; $mine, $theirs | Remove-CtrContainer");
            Assert.Empty(done.Errors);
            Assert.Equal([4, 5], done.Of<CtrExit>().Select(e => e.ExitCode!.Value).Order());
            Assert.Equal(2, done.Of<CtrExit>().Select(e => e.Session).Distinct().Count());
        }
        finally
        {
            Engine.Invoke($"Get-CtrContainer {Id} | Remove-CtrContainer -Force; Disconnect-CtrSession");
        }

        await AssertGoneAsync(Id);
        Assert.DoesNotContain(await second.LeftAsync(), left => left.Contains(Id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task WhatIf_changes_nothing()
    {
        await StartAsync();
        Engine.Require($"New-CtrContainer {Id}-x -Image {Busybox} -WhatIf; Invoke-CtrContainer {Busybox} -Id {Id}-y -WhatIf -- true");
        Engine.Require(
            $"Stop-CtrTask {Id} -WhatIf; Send-CtrSignal {Id} KILL -WhatIf; Remove-CtrTask {Id} -Force -WhatIf; Remove-CtrContainer {Id} -Force -WhatIf; Set-CtrContainer {Id} -Label @{{ a = 1 }} -WhatIf"
        );
        Assert.Equal(CtrStatus.Running, Status());
        Assert.DoesNotContain("a", Engine.Require<CtrContainer>($"Get-CtrContainer {Id}*").Labels.Keys);
    }
}

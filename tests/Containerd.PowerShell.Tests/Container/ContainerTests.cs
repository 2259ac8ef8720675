using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Container;

/// <summary>Get-, Set- and Remove-CtrContainer.</summary>
public sealed class ContainerTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public void Labels_are_set_changed_removed_and_found()
    {
        Engine.Require(
            $"New-CtrContainer {Id}-a -Image {Busybox} -Label @{{ tier = 'web'; site = 'north' }} -- true; New-CtrContainer {Id}-b -Image {Busybox} -Label @{{ tier = 'db' }} -- true"
        );
        Assert.Equal([$"{Id}-a"], Names($"Get-CtrContainer {Id}* -Label @{{ tier = 'web' }}"));
        Assert.Equal([$"{Id}-a", $"{Id}-b"], Names($"Get-CtrContainer {Id}* -Label @{{ tier = '*b' }}"));
        Assert.Empty(Names($"Get-CtrContainer {Id}* -Label @{{ tier = 'web'; site = 'south' }}"));
        Assert.Empty(Engine.Require($"Set-CtrContainer {Id}-a -Label @{{ tier = 'cache'; site = $null; new = 1 }}"));
        var changed = Engine.Require<CtrContainer>($"Get-CtrContainer {Id}-a");
        Assert.Equal("cache", changed.Labels["tier"]);
        Assert.Equal("1", changed.Labels["new"]);
        Assert.DoesNotContain("site", changed.Labels.Keys);
        Assert.True(changed.UpdatedAt >= changed.CreatedAt);
        Assert.Equal([$"{Id}-a", $"{Id}-b"], Names($"Get-CtrContainer {Id}* | Set-CtrContainer -Label @{{ all = 'yes' }} -PassThru"));
        Assert.Equal([$"{Id}-a", $"{Id}-b"], Names($"Get-CtrContainer {Id}* -Label @{{ all = 'yes' }}"));
    }

    [Fact]
    public void A_changed_spec_is_what_the_next_start_runs()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -Label @{{ keep = 'me' }} -- echo first | Start-CtrTask | Wait-CtrTask");
        Engine.Require(
            $"$c = Get-CtrContainer {Id}; $c.Spec.Process.Args = 'echo', 'second'; $c | Set-CtrContainer -Spec $c.Spec; Start-CtrTask {Id} | Wait-CtrTask"
        );
        Assert.Equal(["first", "second"], Names($"Get-CtrLog {Id}"));
        Assert.Equal("me", Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").Labels["keep"]);
        AssertError(
            Engine.Invoke($"Set-CtrContainer {Id} -Spec 'not json'").Error,
            ErrorIds.InvalidSpec,
            "SetCtrContainer",
            ErrorCategory.InvalidArgument,
            Id
        );
        foreach (
            var spec in new[]
            {
                "@{}",
                "'{}'",
                "([Containerd.CtrSpec]::new())",
                "@{ hostname = 'other' }",
                "@{ process = @{ cwd = '/tmp' } }",
            }
        )
        {
            var error = Engine.Invoke($"Set-CtrContainer {Id} -Spec {spec}").Error;
            AssertError(error, ErrorIds.InvalidSpec, "SetCtrContainer", ErrorCategory.InvalidArgument, Id);
            Assert.Contains("Get-CtrContainer", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        }

        Assert.Equal(["echo", "second"], Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").Spec!.Process!.Args ?? []);
    }

    [Fact]
    public async Task Removal_includes_snapshot_task_and_output()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -- echo hello | Start-CtrTask | Wait-CtrTask");
        Assert.Single(LogFolders(Id));
        Assert.Empty(Engine.Require($"Remove-CtrContainer {Id}"));
        await AssertGoneAsync(Id);
        AssertError(
            Engine.Invoke($"Remove-CtrContainer {Id}").Error,
            ErrorIds.ContainerNotFound,
            "RemoveCtrContainer",
            ErrorCategory.ObjectNotFound,
            Id
        );
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -- echo again | Start-CtrTask | Wait-CtrTask");
        Assert.Equal(["again"], Names($"Get-CtrLog {Id}"));
    }

    [Fact]
    public async Task Removal_continues_if_another_client_has_removed_the_snapshot()
    {
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -- echo hello | Start-CtrTask | Wait-CtrTask | Remove-CtrTask");
        await DaemonFixture.CtrAsync("snapshots", "remove", Id);
        Engine.Require($"Remove-CtrContainer {Id}");
        await AssertGoneAsync(Id);
    }

    [Fact]
    public async Task Containers_of_other_clients_are_listed_and_managed()
    {
        await DaemonFixture.CtrAsync("run", "--detach", Busybox, Id, "sleep", "1000");
        try
        {
            Assert.Equal(Busybox, Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").Image);
            Assert.Equal(CtrStatus.Running, Status());
            Assert.Equal(["hi"], Names($"Invoke-CtrExec {Id} -- echo hi"));
            Assert.Equal(137, Engine.Require<CtrExit>($"Stop-CtrTask {Id} -Timeout 100ms").ExitCode);
        }
        finally
        {
            Engine.Require($"Remove-CtrContainer {Id} -Force");
        }

        await AssertGoneAsync(Id);
    }

    private string[] Names(string script) => [.. Engine.Require(script).Select(c => c.ToString())];
}

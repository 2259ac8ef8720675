using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Tasks;

/// <summary>Test-CtrTask returns whether a task runs; a missing answer is an error.</summary>
public sealed class TestTaskTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public async Task A_container_is_running_while_its_task_is_and_everything_else_is_false()
    {
        var (never, created) = (NewId(), NewId());
        await StartAsync();
        Engine.Require(
            $"$null = New-CtrContainer {never} -Image {Busybox} {Idle}; $null = New-CtrContainer {created} -Image {Busybox} {Idle} | New-CtrTask"
        );
        Assert.Equal([true, false, false, false], Ask($"Test-CtrTask {Id}, {never}, {created}, {NewId()}"));
        Assert.Equal(
            [true, true, false],
            Ask($"Get-CtrContainer {Id} | Test-CtrTask; Get-CtrTask {Id} | Test-CtrTask; (Get-CtrContainer {never}) | Test-CtrTask")
        );
        Assert.Equal([true], Ask($"Suspend-CtrTask {Id}; Test-CtrTask {Id}; Resume-CtrTask {Id}"));
        Assert.Equal(
            [Id],
            Engine
                .Require($"Get-CtrContainer {Id}, {never} | Where-Object {{ $_ | Test-CtrTask }}")
                .Select(o => ((CtrContainer)o.BaseObject).ContainerId)
        );
        Assert.Equal([false], Ask($"$null = Stop-CtrTask {Id} -Force; Test-CtrTask {Id}"));
        Assert.Equal([false], Ask($"Test-CtrTask {Id} -Namespace none-of-these"));

        object[] Ask(string script)
        {
            var done = Engine.Invoke(script);
            Assert.Empty(done.Errors);
            return [.. done.Output.Select(o => o.BaseObject)];
        }
    }
}

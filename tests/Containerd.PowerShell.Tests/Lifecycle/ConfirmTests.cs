using System.Globalization;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Lifecycle;

/// <summary>What -Confirm asks, and what each answer to it does.</summary>
public sealed class ConfirmTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Theory]
    [InlineData("n y n", "a c")]
    [InlineData("l", "a b c")]
    [InlineData("a", "")]
    [InlineData("y l", "b c")]
    public async Task Each_item_is_confirmed_and_each_answer_is_respected(string answers, string left)
    {
        foreach (var name in new[] { "a", "b", "c" })
            Engine.Require($"New-CtrContainer {Id}-{name} -Image {Busybox} -- true");
        var run = await AskedAsync($"Get-CtrContainer {Id}-* | Remove-CtrContainer -Confirm", answers);
        Assert.Equal(left, run["Left"]);
        Assert.Equal("0", run["Errors"]);
        Engine.Require($"Get-CtrContainer {Id}-* | Remove-CtrContainer");
    }

    [Theory]
    [InlineData("Stop-CtrTask {0} -Confirm")]
    [InlineData("Restart-CtrTask {0} -Confirm")]
    [InlineData("Suspend-CtrTask {0} -Confirm")]
    [InlineData("Send-CtrSignal {0} KILL -Confirm")]
    [InlineData("Update-CtrTask {0} -Memory 64MB -Confirm")]
    [InlineData("Remove-CtrTask {0} -Force -Confirm")]
    [InlineData("Set-CtrContainer {0} -Label @{{ a = 'b' }} -Confirm")]
    [InlineData("Invoke-CtrExec {0} -Confirm -- kill 1")]
    public async Task The_answer_no_changes_nothing(string command)
    {
        await StartAsync();
        var before = State();
        var run = await AskedAsync(string.Format(CultureInfo.InvariantCulture, command, Id), "n");
        Assert.Equal("0", run["Errors"]);
        Assert.Equal(before, State());

        string[] State() =>
            [
                .. Engine
                    .Require(
                        $"$task = Get-CtrTask {Id}; \"$($task.Pid) $($task.Status)\"; $container = Get-CtrContainer {Id}; $container.UpdatedAt.Ticks; $container.Spec.ToJson()"
                    )
                    .Select(o => o.ToString()!),
            ];
    }

    [Fact]
    public async Task Destructive_commands_ask_for_confirmation_by_default_and_Confirm_false_answers()
    {
        var place = PrivateDaemon.Unique("asked");
        Engine.Require($"New-CtrNamespace {place}");
        Assert.Equal("0", (await AskedAsync($"Remove-CtrNamespace {place}", "n"))["Errors"]);
        Assert.Single(Engine.Require($"Get-CtrNamespace {place}"));
        Assert.Equal("0", (await AskedAsync($"Remove-CtrNamespace {place}", "y"))["Errors"]);
        Assert.Empty(Engine.Require($"Get-CtrNamespace {place}*"));
        Engine.Require($"New-CtrNamespace {place}; Remove-CtrNamespace {place} -Confirm:$false");
        Assert.Empty(Engine.Require($"Get-CtrNamespace {place}*"));
    }

    [Fact]
    public void Only_cmdlets_that_remove_more_than_they_name_ask_for_confirmation_by_default() =>
        Assert.Equal(
            ["Clear-CtrContainer", "Clear-CtrImage", "Clear-CtrNetwork", "Clear-CtrStorage", "Clear-CtrVolume", "Remove-CtrNamespace"],
            Engine
                .Require(
                    "(Get-Module Containerd).ExportedCmdlets.Values | Where-Object { $_.ImplementingType.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $true).ConfirmImpact -eq 'High' } | ForEach-Object Name"
                )
                .Select(name => name.ToString())
                .Order(StringComparer.Ordinal)
        );

    // The host asks on standard output, and reads the answers from standard input.
    private Task<HostRun> AskedAsync(string command, string answers) =>
        HostProcess.RunAsync(
            $$"""
            Import-Module Containerd
            $null = Connect-CtrSession '{{DaemonFixture.Daemon.Address}}' -Namespace {{DaemonFixture.Namespace}}
            {{command}}
            Say Errors $Error.Count
            Say Left ((Get-CtrContainer {{Id}}-* | ForEach-Object { $_.ContainerId.Split('-')[-1] }) -join ' ')
            """,
            input: answers.Replace(' ', '\n') + "\n"
        );
}

using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Container;

/// <summary>What is running: the status of containers in the list, its filters, and the removal of those that do not run.</summary>
public sealed class ContainerListTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public void The_list_shows_what_runs_since_when_and_what_has_ended()
    {
        var before = DateTime.Now;
        var made = Engine.Require<CtrContainer>($"New-CtrContainer {Id}-created -Image {Busybox} -- sleep 1000");
        Assert.Equal(CtrStatus.Created, made.Status);
        Engine.Require($"$null = New-CtrContainer {Id}-ended -Image {Busybox} -- sh -c 'exit 7' | Start-CtrTask | Wait-CtrTask");
        var task = Engine.Require<CtrTask>($"New-CtrContainer -Name {Id}-up -Image {Busybox} -- sleep 1000 | Start-CtrTask");
        Assert.Equal((Busybox, "sleep 1000"), (task.Image, string.Join(' ', task.Command)));

        var created = Engine.Require<CtrContainer>($"Get-CtrContainer {Id}-created");
        Assert.Equal((CtrStatus.Created, null, "sleep 1000"), (created.Status, created.StartedAt, string.Join(' ', created.Command)));
        var ended = Engine.Require<CtrContainer>($"Get-CtrContainer {Id}-ended");
        Assert.Equal((CtrStatus.Stopped, null, 7), (ended.Status, ended.StartedAt, ended.LastExit!.ExitCode));
        var up = Engine.Require<CtrContainer>($"Get-CtrContainer {Id}-up");
        Assert.Equal(CtrStatus.Running, up.Status);
        // The kernel counts in hundredths of a second from a start that it knows to the second.
        Assert.InRange(up.StartedAt!.Value, before.AddSeconds(-2), DateTime.Now.AddSeconds(2));
        Assert.Equal(up.StartedAt, Engine.Require<CtrTask>($"Get-CtrTask {Id}-up").StartedAt);
        Assert.Equal(Busybox, Engine.Require<CtrTask>($"Get-CtrTask {up.ContainerId}*").Image);

        // A task that is removed leaves its exit.
        Engine.Require($"$null = Remove-CtrTask {Id}-ended");
        Assert.Equal(CtrStatus.Stopped, Engine.Require<CtrContainer>($"Get-CtrContainer {Id}-ended").Status);
        Engine.Require($"Suspend-CtrTask {Id}-up");
        Assert.Equal(CtrStatus.Paused, Engine.Require<CtrContainer>($"Get-CtrContainer {Id}-up").Status);

        Assert.Equal([$"{Id}-created"], Listed($"{Id}* -Status Created"));
        Assert.Equal([$"{Id}-created", $"{Id}-ended"], Listed($"{Id}* -Status Created, Stopped"));
        Assert.Equal(3, Listed($"{Id}* -Image {Busybox}").Length);
        Assert.Equal(3, Listed($"{Id}* -Image nothing, {Busybox[..4]}*").Length);
        Assert.Empty(Listed($"{Id}* -Image nothing"));
        Assert.Empty(Listed($"{Id}* -Network front*"));

        var table = Engine.Display($"Get-CtrContainer {Id}*");
        Assert.Matches($@"{Id}-cr\S* +Created ", table);
        Assert.Matches($@"{Id}-en\S* +Exited \(7\) \d+[sm] ago ", table);
        Assert.Matches($@"{Id}-up +Paused \d+[sm] ", table);
        Assert.Contains("sleep 1000", table, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clear_removes_what_does_not_run_and_keeps_what_is_selected_to_stay()
    {
        var options = $"-Namespace {Id}";
        var image = $"{options} -Image {Busybox}";
        Engine.Require($"$null = Import-CtrImage '{await TestImages.BusyboxTarAsync()}' {options}");
        Engine.Require($"$null = New-CtrContainer created {image} -- sleep 1000");
        Engine.Require($"$null = New-CtrContainer ended {image} -Label app=web -- true | Start-CtrTask -NoLog | Wait-CtrTask");
        Engine.Require($"$null = New-CtrContainer kept {image} -Label keep=me -- sleep 1000");
        Engine.Require($"$null = New-CtrContainer restarted {image} -Label containerd.io/restart.status=running -- sleep 1000");
        Engine.Require($"$null = New-CtrContainer up {image} -- sleep 1000 | Start-CtrTask -NoLog");
        Engine.Require($"$null = New-CtrContainer made {image} -- sleep 1000 | New-CtrTask -NoLog");

        Assert.Empty(Engine.Require($"Clear-CtrContainer {options} -WhatIf"));
        Assert.Empty(Engine.Require($"Clear-CtrContainer {options} -OlderThan 1h -Confirm:$false"));
        Assert.Equal(
            ErrorIds.InvalidDuration,
            Engine.Invoke($"Clear-CtrContainer {options} -OlderThan -1").Error.FullyQualifiedErrorId.Split(',')[0]
        );
        Assert.Equal(6, Listed($"* {options}").Length);
        Assert.Equal("ended", Engine.Require<CtrContainer>($"Clear-CtrContainer {options} -Label app -Confirm:$false").ContainerId);
        Assert.Equal(
            "created",
            Engine.Require<CtrContainer>($"Clear-CtrContainer {options} -ExceptLabel keep -Confirm:$false").ContainerId
        );
        Assert.Equal(["kept", "made", "restarted", "up"], Listed($"* {options}"));
        Assert.Equal(
            ["kept", "made", "restarted", "up"],
            Engine.Require($"(Get-CtrSnapshot {options} -Kind Active).Name").Select(n => $"{n}")
        );
        Engine.Require($"Get-CtrContainer {options} | Remove-CtrContainer -Force; Remove-CtrNamespace {Id} -Force -Confirm:$false");
    }

    [Theory]
    [InlineData("Created", "", "", "", "Created")]
    [InlineData("Running", "59.9", "", "", "Running 59s")]
    [InlineData("Running", "300", "", "", "Running 5m")]
    [InlineData("Paused", "7200", "", "", "Paused 2h")]
    [InlineData("Running", "", "", "", "Running")]
    [InlineData("Running", "-5", "", "", "Running 0s")]
    [InlineData("Stopped", "", "7", "120", "Exited (7) 2m ago")]
    [InlineData("Stopped", "", "0", "1209600", "Exited (0) 14d ago")]
    [InlineData("Stopped", "", "", "", "Exited")]
    public void The_status_is_a_few_words_also_from_a_job(string status, string started, string code, string ended, string text)
    {
        var shown = Engine.Require(
            $$"""
            $now = [datetime]::Now
            $container = [Containerd.CtrContainer]@{ Status = '{{status}}' }
            if ('{{started}}') { $container.StartedAt = $now.AddSeconds(-[double]'{{started}}') }
            if ('{{code}}') { $container.LastExit = [Containerd.CtrLastExit]@{ ExitCode = [int]'{{code}}'; ExitedAt = $now.AddSeconds(-[double]'{{ended}}') } }
            $copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($container))
            [Containerd.PowerShell.ContainerText]::Status($container, $now)
            [Containerd.PowerShell.ContainerText]::Status($copy, $now)
            """
        );
        Assert.Equal([text, text], shown.Select(s => $"{s}"));
    }

    [Fact]
    public void The_health_that_nerdctl_records_is_part_of_the_status_while_it_runs()
    {
        const string State = """{"Status":"unhealthy","FailingStreak":4}""";
        Engine.Require($"$null = New-CtrContainer {Id} -Image {Busybox} -Label @{{ 'nerdctl/healthstate' = '{State}' }} -- sleep 1000");
        Assert.Equal(4, Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").Health!.FailingStreak);
        Assert.Matches($@"{Id} +Created ", Engine.Display($"Get-CtrContainer {Id}"));
        Engine.Require($"$null = Start-CtrTask {Id}");
        // What was recorded is about an earlier task.
        Assert.Matches($@"{Id} +Running \d+s \(starting\) ", Engine.Display($"Get-CtrContainer {Id}"));
        Engine.Require($"Set-CtrContainer {Id} -Label @{{ 'nerdctl/healthstate' = '{State}' }}");
        Assert.Matches($@"{Id} +Running \d+s \(unhealthy\) ", Engine.Display($"Get-CtrContainer {Id}"));
        Assert.Null(Engine.Require<CtrContainer>($"New-CtrContainer {Id}-other -Image {Busybox} -- true").Health);
    }

    private string[] Listed(string parameters) => [.. Engine.Require($"Get-CtrContainer {parameters}").Select(c => $"{c}")];
}

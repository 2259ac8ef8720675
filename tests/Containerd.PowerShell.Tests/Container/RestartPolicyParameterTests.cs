using Containerd.PowerShell.Tests.Lifecycle;

namespace Containerd.PowerShell.Tests.Container;

/// <summary>The parameter -RestartPolicy, and the views of containers with a restart policy.</summary>
public sealed class RestartPolicyParameterTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Theory]
    [InlineData("New-CtrContainer {0} -Image {1} -RestartPolicy always -- sleep 1000")]
    [InlineData("$p = @{{ RestartPolicy = 'ALWAYS' }}; New-CtrContainer {0} -Image {1} @p -- sleep 1000")]
    [InlineData("$PSDefaultParameterValues['New-CtrContainer:RestartPolicy'] = 'always'; New-CtrContainer {0} -Image {1} -- sleep 1000")]
    [InlineData("New-CtrContainer {0} -Image {1} -RestartPolicy @{{ Mode = 'Always' }} -- sleep 1000")]
    [InlineData("$null = New-CtrContainer {0} -Image {1}; Get-CtrContainer {0} | Set-CtrContainer -RestartPolicy always -PassThru")]
    public void A_policy_can_be_given_in_each_form(string command)
    {
        var made = Engine.Require<CtrContainer>(string.Format(null, command, Id, Busybox));
        Assert.Equal(("always", "always"), ($"{made.RestartPolicy}", made.Labels["containerd.io/restart.policy"]));
        Assert.Equal(("always", 0), ($"{Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").RestartPolicy}", made.RestartCount));
        Assert.Null(Engine.Require<CtrContainer>($"Set-CtrContainer {Id} -RestartPolicy no -PassThru").RestartPolicy);
    }

    [Theory]
    [InlineData("sometimes", "CannotConvertArgumentNoMessage")]
    [InlineData("on-failure:0", "CannotConvertArgumentNoMessage")]
    [InlineData("@{ Mode = 'Always'; MaxRetries = 3 }", ErrorIds.InvalidRestartPolicy)]
    public void A_policy_that_does_not_exist_is_an_error_and_nothing_is_created(string policy, string error)
    {
        var command = $"New-CtrContainer {Id} -Image {Busybox} -RestartPolicy {policy} -Command sleep, 1000";
        Assert.Equal(
            error,
            Engine.Require<string>($"try {{ {command} -ErrorAction Stop }} catch {{ $_.FullyQualifiedErrorId.Split(',')[0] }}")
        );
        Assert.Empty(Engine.Require($"Get-CtrContainer {Id}*"));
    }

    [Fact]
    public void A_container_between_two_starts_is_shown_as_restarting()
    {
        Assert.Equal(
            ["Restarting (7) 3s ago", "Restarting", "Exited (7) 3s ago"],
            Engine
                .Require(
                    """
                    $now = [datetime]::Now
                    $exit = [Containerd.CtrExit]@{ ExitCode = 7; ExitedAt = $now.AddSeconds(-3) }
                    foreach ($it in @(
                        [Containerd.CtrContainer]@{ Status = 'Stopped'; LastExit = $exit; IsRestarting = $true }
                        [Containerd.CtrContainer]@{ Status = 'Created'; IsRestarting = $true }
                        [Containerd.CtrContainer]@{ Status = 'Stopped'; LastExit = $exit }
                    )) { [Containerd.PowerShell.ContainerText]::Status([psobject]$it, $now) }
                    """
                )
                .Select(text => $"{text}")
        );
    }
}

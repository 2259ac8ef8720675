using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Checkpoints;

/// <summary>Hosts and runtimes without checkpoints: one clear error with their own reason, and the task continues.</summary>
public sealed class HostWithoutCriuTests(DaemonFixtures fixtures) : CheckpointTest(fixtures)
{
    [Fact]
    public async Task runc_without_CRIU_is_a_clear_error()
    {
        Assert.SkipWhen(Criu.IsInstalled, "This machine has a CRIU of its own, which daemons find.");
        await StartCounterAsync();
        // What an earlier checkpoint wrote there is not this one's reason.
        Directory.CreateDirectory($"{CheckpointPath}-work");
        await File.WriteAllTextAsync(
            $"{CheckpointPath}-work/dump.log",
            "(00.000001) Error (criu/x.c:1): something of long ago\n",
            TestContext.Current.CancellationToken
        );
        foreach (var options in new[] { "", "-Exit", $"-WorkPath '{CheckpointPath}-work'" })
        {
            var error = Engine.Invoke($"Checkpoint-CtrTask {Id} '{CheckpointPath}' {options}").Error;
            AssertError(error, ErrorIds.CheckpointNotSupported, "CheckpointCtrTask", ErrorCategory.NotImplemented, Id);
            Assert.Contains("exec: \"criu\": executable file not found in $PATH.", error.Exception.Message, StringComparison.Ordinal);
            Assert.Contains("Install CRIU", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
            Assert.False(Directory.Exists(CheckpointPath));
        }

        await CountsOnAsync();
        Assert.Equal(1, AssertConsecutive());
    }

    [Fact]
    public async Task A_restore_without_CRIU_is_a_clear_error_and_leaves_nothing()
    {
        Assert.SkipWhen(Criu.IsInstalled, "This machine has a CRIU of its own, which daemons find.");
        var without = DaemonFixture;
        await UseCriuAsync("bookworm");
        await StartCounterAsync();
        Engine.Require($"Checkpoint-CtrTask {Id} '{CheckpointPath}'");
        using var engine = without.Open();
        var error = engine.Invoke($"Restore-CtrContainer '{CheckpointPath}' {Id}-new -Force").Error;
        AssertError(error, ErrorIds.CheckpointNotSupported, "RestoreCtrContainer", ErrorCategory.NotImplemented, CheckpointPath);
        Assert.Equal(
            $"The task of container '{Id}-new' cannot be restored: CRIU version check failed: exec: \"criu\": executable file not found in $PATH.",
            error.Exception.Message
        );
        Assert.DoesNotContain(await without.LeftAsync(), left => left.Contains(Id, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("bookworm", "unknown command checkpoint", "runc")]
    [InlineData("sid", "libcriu", "library")]
    public async Task crun_without_CRIU_says_so(string suite, string reason, string remedy)
    {
        Use(await DaemonFixtures.GetAsync(suite, "crun"));
        await StartCounterAsync("-Runtime crun");
        await AssertUnchangedAsync(
            () => Engine.Invoke($"Checkpoint-CtrTask {Id} '{CheckpointPath}' -Exit"),
            error =>
            {
                AssertError(error, ErrorIds.CheckpointNotSupported, "CheckpointCtrTask", ErrorCategory.NotImplemented, Id);
                Assert.Contains(reason, error.Exception.Message, StringComparison.Ordinal);
                Assert.Contains(remedy, error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
            }
        );
        await CountsOnAsync();
        Assert.Equal(1, AssertConsecutive());
    }
}

using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;

namespace Containerd.PowerShell.Tests.Container;

/// <summary>Invalid values: one error each, which names valid values, and nothing is left behind.</summary>
public sealed class BadOptionTests(DaemonFixtures fixtures) : SpecEffectTest(fixtures)
{
    [Theory]
    [InlineData("-Memory 12x", "The size '12x' has an unknown unit", "512m")]
    [InlineData("-Memory ''", "The size '' is not a size", "512m")]
    [InlineData("-Memory -5", "is negative", "512m")]
    [InlineData("-ShmSize much", "The size 'much' is not a size", "512m")]
    [InlineData("-Mount a", "has no target", "/on/host:/in/container:ro")]
    [InlineData("-Mount n/x:/a", "which is neither a path nor the name of a volume", "/on/host:/in/container:ro")]
    [InlineData("-Mount type=tmpfs,dst=/x", "is only one of several fields", "in quotes")]
    [InlineData("-Mount 'type=bind,target=/a'", "has no source", "/on/host:/in/container:ro")]
    [InlineData("-Mount 'type=volume,source=../a,target=/a'", "which cannot be the name of a volume", "/on/host:/in/container:ro")]
    [InlineData("-Device fuse", "not absolute", "/dev/fuse")]
    [InlineData("-Device /dev/fuse:q", "permissions that are none, 'q'", "/dev/fuse")]
    [InlineData("-Ulimit files=5", "has an unknown name, 'files'", "nofile")]
    [InlineData("-Ulimit nofile=9:5", "has a soft limit above its hard one", "nofile=1024:2048")]
    [InlineData("-StopSignal NOSUCH", "NOSUCH", "TERM")]
    [InlineData("-OomScoreAdj 2000", "2000", "1000")]
    [InlineData("-Cpu many", "many", "such as 0.5")]
    public async Task A_value_of_the_wrong_form_is_rejected_when_it_is_bound(string option, string what, string allowed)
    {
        var error = await RefusedAsync(option);
        Assert.EndsWith(",Containerd.PowerShell.NewCtrContainerCommand", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(
            ErrorCategory.InvalidArgument,
            error.CategoryInfo.Category == ErrorCategory.InvalidData ? ErrorCategory.InvalidArgument : error.CategoryInfo.Category
        );
        Assert.Contains(what, error.Exception.Message, StringComparison.Ordinal);
        Assert.Contains(allowed, error.Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-Memory 0", ErrorIds.InvalidLimit, "512m")]
    [InlineData("-Memory 64m -MemorySwap 32m", ErrorIds.InvalidLimit, "at least the memory limit")]
    [InlineData("-MemorySwap 32m", ErrorIds.InvalidLimit, "memory too")]
    [InlineData("-Memory 64m -MemoryReservation 1g", ErrorIds.InvalidLimit, "at most the limit")]
    [InlineData("-Memory 64m -MemoryReservation -1", ErrorIds.InvalidLimit, "omit it")]
    [InlineData("-Cpu 0", ErrorIds.InvalidLimit, "1.5")]
    [InlineData("-CpuShares 1", ErrorIds.InvalidLimit, "2 to 262144")]
    [InlineData("-PidsLimit -2", ErrorIds.InvalidLimit, "-1 for no limit")]
    [InlineData("-Cpu 2 -CpuQuota 5000", ErrorIds.InvalidLimit, "either")]
    [InlineData("-CpuPeriod 5", ErrorIds.InvalidLimit, "1000 to 1000000")]
    [InlineData("-BlkioWeight 5", ErrorIds.InvalidLimit, "10 to 1000")]
    [InlineData("-ShmSize 0", ErrorIds.InvalidLimit, "64m")]
    [InlineData("-CapAdd NO_SUCH", ErrorIds.InvalidCapability, "NET_ADMIN")]
    [InlineData("-CapDrop CHOWNN", ErrorIds.InvalidCapability, "Did you mean CAP_CHOWN?")]
    [InlineData("-WorkingDirectory tmp", ErrorIds.InvalidWorkingDirectory, "starts with /")]
    [InlineData("-Env '=x'", ErrorIds.InvalidEnvironment, "NAME=value")]
    [InlineData("-CgroupParent /a/../b", ErrorIds.InvalidCgroupParent, "/a/b")]
    [InlineData("-CgroupParent a.slice:b:c:d", ErrorIds.InvalidCgroupParent, "system.slice")]
    public async Task An_invalid_value_is_rejected_with_the_accepted_forms(string option, string id, string remedy)
    {
        var error = await RefusedAsync(option);
        AssertError(error, id, "NewCtrContainer", ErrorCategory.InvalidArgument);
        Assert.Contains(remedy, error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-User nobody-here", ErrorIds.UserNotFound)]
    [InlineData("-User app:no-group", ErrorIds.GroupNotFound)]
    [InlineData("-User app -Group no-group", ErrorIds.GroupNotFound)]
    [InlineData("-Device /dev/no-such-device", ErrorIds.DeviceNotFound)]
    [InlineData("-SeccompProfile /no/such.json", ErrorIds.FileNotReadable)]
    public async Task A_missing_object_is_a_separate_error(string option, string id)
    {
        var error = await RefusedAsync(option);
        AssertError(error, id, "NewCtrContainer", ErrorCategory.ObjectNotFound);
        Assert.NotEmpty(error.Exception.Message);
    }

    [Theory]
    [InlineData("no JSON", ErrorIds.InvalidSpec)]
    [InlineData("{ \"defaultAction\": 5 }", ErrorIds.InvalidSpec)]
    [InlineData("{}", ErrorIds.InvalidSeccompProfile)]
    public async Task An_invalid_seccomp_profile_is_rejected(string profile, string id)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, profile, TestContext.Current.CancellationToken);
        AssertError(await RefusedAsync($"-SeccompProfile {file}"), id, "NewCtrContainer", ErrorCategory.InvalidArgument);
        File.Delete(file);
    }

    [Theory]
    [InlineData("bookworm", "runc")]
    [InlineData("bookworm", "crun")]
    [InlineData("sid", "runc")]
    [InlineData("sid", "crun")]
    public async Task A_resource_that_the_host_lacks_is_reported_in_one_sentence_and_leaves_nothing(string suite, string runtime)
    {
        var fixture = await DaemonFixtures.GetAsync(suite, runtime);
        using var engine = fixture.Open();
        foreach (
            var (option, id, category, message) in new[]
            {
                (
                    "-Mount /no/such/folder:/data",
                    ErrorIds.MountSourceNotFound,
                    ErrorCategory.ObjectNotFound,
                    $"There is no '/no/such/folder' on the daemon's host to mount in container '{Id}'."
                ),
                (
                    "-Mount /etc:/etc/passwd",
                    ErrorIds.MountFailed,
                    ErrorCategory.InvalidArgument,
                    $"'/etc' cannot be mounted at '/etc/passwd' in container '{Id}': not a directory."
                ),
                (
                    "-Memory 4k",
                    ErrorIds.InvalidLimit,
                    ErrorCategory.InvalidArgument,
                    $"Container '{Id}' could not start with its memory limit"
                ),
                (
                    "-CpusetCpus 4000",
                    ErrorIds.InvalidLimit,
                    ErrorCategory.InvalidArgument,
                    $"The host does not have all the processors (cpuset.cpus) that container '{Id}' requests."
                ),
                (
                    "-Sysctl @{ 'no.such' = 1 }",
                    ErrorIds.InvalidSysctl,
                    ErrorCategory.InvalidArgument,
                    $"The kernel parameter 'no.such' cannot be set for container '{Id}' alone."
                ),
                (
                    "-Sysctl @{ 'net.ipv4.no_such' = 1 }",
                    ErrorIds.InvalidSysctl,
                    ErrorCategory.InvalidArgument,
                    $"The kernel parameter 'net.ipv4.no_such' cannot be set for container '{Id}' alone."
                ),
            }
        )
        {
            var done = engine.Invoke($"Invoke-CtrContainer {Busybox} -Id {Id} -Runtime {runtime} {option} -- true");
            Assert.Empty(done.Output);
            AssertError(done.Error, id, "InvokeCtrContainer", category);
            Assert.StartsWith(message, done.Error.Exception.Message, StringComparison.Ordinal);
            Assert.False(string.IsNullOrEmpty(done.Error.ErrorDetails.RecommendedAction), option);
            // The runtime's own message is available too. A missing source is found before the runtime is asked.
            if (id != ErrorIds.MountSourceNotFound)
                Assert.Contains("OCI runtime create failed", done.Error.Exception.InnerException!.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(await fixture.LeftAsync(), left => left.Contains(Id, StringComparison.Ordinal));
        }

        // An unknown failure is reported with the runtime's message, without the prefixes of the programs that passed it on.
        var other = engine.Invoke($"Invoke-CtrContainer {Busybox} -Id {Id} -Runtime {runtime} -Ulimit nofile=99999999999 -- true").Error;
        AssertError(other, ErrorIds.TaskFailed, "InvokeCtrContainer", ErrorCategory.OperationStopped);
        Assert.Matches(
            $"^The runtime cannot do this for container '{Id}': .*rlimit.*: [Oo]peration not permitted\\.$",
            other.Exception.Message
        );
    }

    private async Task<ErrorRecord> RefusedAsync(string options)
    {
        var done = Engine.Invoke($"New-CtrContainer {Id} -Image {Busybox} {options}");
        Assert.Empty(done.Output);
        await AssertGoneAsync(Id);
        return done.Error;
    }
}

using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Stats;

/// <summary>
/// A daemon that serves cgroup v2's metrics. The controllers that count are v1's on such a machine: what has no controller has no figure.
/// </summary>
public sealed class StatsOnCgroup2Tests
{
    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task Metrics_are_of_the_v2_kind(string suite)
    {
        await using var daemon = await PrivateDaemon.StartAsync(suite, adjust: options =>
            options.ContainerdPath = Repository.Fixture("containerd-with-cgroup2.sh")
        );
        using var engine = new Engine();
        engine.Require(
            $"Connect-CtrSession '{daemon.Address}' -Namespace {daemon.Namespace}; Import-CtrImage '{await TestImages.BusyboxTarAsync()}'"
        );
        engine.Require($"New-CtrContainer two -Image {TestImages.Busybox} -- sleep 1000 | Start-CtrTask");
        try
        {
            var stats = engine.Require<CtrStats>("Get-CtrStats two -Interval 200ms");
            Assert.Null(stats.CgroupV1);
            Assert.NotNull(stats.CgroupV2!.Memory);
            Assert.NotNull(stats.CgroupV2.Cpu);
            Assert.NotNull(stats.CgroupV2.Pids);
            Assert.All(stats.CgroupV2.Hugetlb, page => Assert.EndsWith("B", page.PageSize, StringComparison.Ordinal));
            if (File.ReadAllText("/proc/self/mountinfo").Contains("cgroup/memory", StringComparison.Ordinal))
            {
                Assert.Null(stats.MemoryUsed);
                Assert.Null(stats.MemoryLimit);
            }

            Assert.Equal("sleep", engine.Require<CtrProcessInfo>("Get-CtrProcess two").Name);
        }
        finally
        {
            engine.Invoke("Remove-CtrContainer two -Force");
        }
    }
}

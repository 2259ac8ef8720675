using System.Management.Automation;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Hosts;

/// <summary>The cgroup driver of new containers of a daemon on this machine.</summary>
public sealed class DefaultDriverTests
{
    [Fact]
    public async Task Systemd_is_the_default_on_a_host_with_cgroup_v2_and_systemd_and_can_be_overridden()
    {
        await using var daemon = await PrivateDaemon.StartAsync(adjust: options =>
            options.ContainerdPath = Repository.Fixture("containerd-with-systemd.sh")
        );
        using var engine = new Engine();
        engine.Require(
            $"Connect-CtrSession '{daemon.Address}' -Namespace {daemon.Namespace}; Import-CtrImage '{await TestImages.BusyboxTarAsync()}'"
        );
        var info = engine.Require<CtrInfo>("Get-CtrInfo");
        Assert.Equal((2, CtrCgroupDriver.Systemd), (info.CgroupVersion, info.CgroupDriver));

        string? PathOf(string options)
        {
            var made = engine.Require<CtrContainer>($"New-CtrContainer x -Image {TestImages.Busybox} {options} -- true");
            engine.Require("Remove-CtrContainer x");
            return made.Spec!.Linux!.CgroupsPath;
        }

        // A namespace with a hyphen ends with a second one in the name of the scope.
        Assert.Equal($"system.slice:{daemon.Namespace}-:x", PathOf(""));
        Assert.Equal($"system.slice:{daemon.Namespace}-:x", PathOf("-Runtime crun"));
        Assert.Equal($"/{daemon.Namespace}/x", PathOf("-CgroupDriver cgroupfs"));
        Assert.Equal($"/{daemon.Namespace}/x", PathOf("-RuntimeOption @{ SystemdCgroup = $false }"));
        Assert.Equal($"/{daemon.Namespace}/x", PathOf("-Runtime io.containerd.runsc.v1"));
        Assert.Equal("/a/x", PathOf("-CgroupParent /a"));
        Assert.Equal(
            "system.slice:" + daemon.Namespace + "-:x",
            engine.Require<CtrSpec>($"New-CtrSpec x -Image {TestImages.Busybox}").Linux!.CgroupsPath
        );
        var error = engine.Invoke($"New-CtrContainer y -Image {TestImages.Busybox} -CgroupDriver systemd -CgroupParent /a -- true").Error;
        Assert.StartsWith(ErrorIds.InvalidCgroupParent, error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
        Assert.Contains("system.slice", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Equal(["Cgroupfs", "Systemd"], engine.Complete("New-CtrContainer -CgroupDriver ").Select(c => c.CompletionText).Order());
    }
}

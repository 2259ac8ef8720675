using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Hosts;

/// <summary>The cgroups of containers on a host with cgroup v2 and systemd, with both drivers.</summary>
public sealed class CgroupDriverTests(VmFixture fixture) : VmTest(fixture)
{
    [Theory]
    [InlineData("bookworm")]
    [InlineData("sid")]
    public async Task The_cgroup_version_of_the_host_is_reported_over_SSH_and_cgroupfs_is_the_default_there(string suite)
    {
        await UseAsync(suite);
        var info = Engine.Require<CtrInfo>("Get-CtrInfo");
        Assert.Equal((2, CtrCgroupDriver.Cgroupfs), (info.CgroupVersion, info.CgroupDriver));
        Assert.Equal($"/{Namespace}/{Id}", await CgroupAsync(Start()));
        Assert.Equal($"/{Namespace}/{Id}", Container().Spec!.Linux!.CgroupsPath);
    }

    [Theory]
    [InlineData("bookworm", "runc")]
    [InlineData("bookworm", "crun")]
    [InlineData("sid", "runc")]
    [InlineData("sid", "crun")]
    public async Task With_the_systemd_driver_a_container_is_a_scope_of_systemd(string suite, string runtime)
    {
        await UseAsync(suite);
        var unit = $"{Namespace}-{Id}.scope";
        var task = Start($"-Runtime {runtime} -CgroupDriver systemd -Memory 64m");
        Assert.StartsWith($"/system.slice/{unit}", await CgroupAsync(task), StringComparison.Ordinal);
        var shown = await Machine.RunScriptAsync($"systemctl show -p ActiveState -p Slice {unit}");
        Assert.Equal(["ActiveState=active", "Slice=system.slice"], shown.Trim().Split('\n').Order());
        Assert.Equal("67108864", (await FilesAsync(task, "memory.max"))["memory.max"]);

        var systemd = (await Machine.RunScriptAsync("systemctl --version")).Split(' ')[1];
        HostTable.AddVm(suite, runtime, Engine.Require<CtrInfo>("Get-CtrInfo"), systemd);
    }

    [Fact]
    public async Task A_container_keeps_its_driver_and_its_scope_ends_with_its_task()
    {
        var unit = $"{Namespace}-{Id}.scope";
        Start("-CgroupDriver systemd");
        Engine.Require($"$null = Stop-CtrTask {Id} -Timeout 0s; Remove-CtrTask {Id} -ErrorAction Ignore");
        // systemd notices the empty cgroup a little later.
        await Machine.RunScriptAsync($"for i in $(seq 600); do systemctl is-active -q {unit} || exit 0; sleep 0.1; done; exit 1");
        var task = Engine.Require<CtrTask>($"Start-CtrTask {Id} -NoLog");
        Assert.Equal($"/system.slice/{unit}", await CgroupAsync(task));
    }

    [Fact]
    public async Task A_slice_as_the_parent_selects_the_systemd_driver()
    {
        var task = Start("-CgroupParent vmtest.slice");
        Assert.Equal($"/vmtest.slice/{Namespace}-{Id}.scope", await CgroupAsync(task));
        Assert.Equal("true", Engine.Require<string>($"\"$((Get-CtrContainer {Id}).RuntimeOptions['systemdCgroup'])\""));
    }

    [Theory]
    [InlineData("runc", "Cgroupfs")]
    [InlineData("crun", "Systemd")]
    public async Task A_container_has_a_cgroup_namespace_in_which_a_process_of_another_client_sees_only_its_own_cgroup(
        string runtime,
        string driver
    )
    {
        var task = Start($"-Runtime {runtime} -CgroupDriver {driver}");
        Assert.NotEqual(
            await Machine.RunScriptAsync("readlink /proc/1/ns/cgroup"),
            await Machine.RunScriptAsync($"readlink /proc/{task.Pid}/ns/cgroup")
        );
        var seen = await Machine.RunScriptAsync(
            $"ctr -n {Namespace} tasks exec --exec-id look {Id} sh -c 'cat /proc/self/cgroup; grep -c memory /sys/fs/cgroup/cgroup.controllers; mkdir /sys/fs/cgroup/x 2> /dev/null || echo read-only'"
        );
        Assert.Equal("0::/\n1\nread-only", seen.Trim());
    }
}

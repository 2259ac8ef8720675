using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Hosts;

/// <summary>What a session shows and does after its host was rebooted.</summary>
public sealed class RebootTests(VmFixture fixture) : VmTest(fixture)
{
    private readonly VmFixture _fixture = fixture;

    [Fact]
    public async Task Containers_images_and_snapshots_survive_a_reboot_and_tasks_do_not()
    {
        Start("-Memory 64m -PidsLimit 20");
        Start("-CgroupDriver systemd -Memory 32m", id: Id + "s");
        Engine.Require($"$null = New-CtrContainer {Id}n -Image {Busybox} -Label keep=me -- sleep 1000");
        await Machine.RunScriptAsync("mkdir -p /run/containerd-powershell/stdio/1-1/old /run/containerd-powershell/mounts && sync");
        const string Shown =
            "(Get-CtrImage | ForEach-Object { \"$($_.Name) $($_.Digest)\" }), (Get-CtrSnapshot | ForEach-Object Name | Sort-Object), "
            + "(Get-CtrContainer | ForEach-Object { \"$($_.ContainerId) $($_.Spec.Linux.CgroupsPath) $($_.Labels.Count)\" } | Sort-Object) | ForEach-Object { $_ } | Out-String";
        var before = Engine.Require<string>(Shown);
        var boot = await Machine.BootIdAsync();

        await _fixture.RebootAsync();

        Assert.NotEqual(boot, await Machine.BootIdAsync());
        // The session opens another tunnel by itself, once ssh has noticed that the old one is dead.
        await Eventually.TrueAsync(() => Engine.Invoke("Get-CtrVersion") is { Errors.Count: 0, Exception: null }, TimeSpan.FromMinutes(5));
        Assert.Equal(before, Engine.Require<string>(Shown));
        Assert.Empty(Engine.Require("Get-CtrTask"));
        Assert.Equal("gone", (await Machine.RunScriptAsync("ls -d /run/containerd-powershell 2> /dev/null || echo gone")).Trim());

        // Each starts again with the same limits, in the same cgroup.
        var task = Engine.Require<CtrTask>($"Start-CtrTask {Id} -NoLog");
        Assert.Equal($"/{Namespace}/{Id}", await CgroupAsync(task));
        var files = await FilesAsync(task, "memory.max", "pids.max");
        Assert.Equal(("67108864", "20"), (files["memory.max"], files["pids.max"]));
        task = Engine.Require<CtrTask>($"Start-CtrTask {Id}s -NoLog");
        Assert.Equal($"/system.slice/{Namespace}-{Id}s.scope", await CgroupAsync(task));
        Assert.Equal("33554432", (await FilesAsync(task, "memory.max"))["memory.max"]);
        Assert.Equal(CtrStatus.Running, Engine.Require<CtrTask>($"Start-CtrTask {Id}n -NoLog").Status);
        Engine.Require($"Get-CtrContainer {Id}* | Remove-CtrContainer -Force");
        Assert.Empty(Engine.Require("Get-CtrTask"));
    }
}

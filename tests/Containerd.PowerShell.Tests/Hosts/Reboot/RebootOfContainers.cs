using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Hosts.Reboot;

/// <summary>Containers, images and snapshots survive; tasks, and what this module keeps in /run, do not.</summary>
public sealed class RebootOfContainers(VmFixture fixture) : RebootPart(fixture)
{
    private string _boot = "";
    private string[] _shown = [];

    /// <summary>What is listed of images, snapshots and containers.</summary>
    private string[] Shown() =>
        [
            .. Engine
                .Require(
                    $$"""
                    Get-CtrImage | ForEach-Object { "$($_.Name) $($_.Digest)" }
                    Get-CtrSnapshot | ForEach-Object { if ($_.Name -like '{{Id}}*') { $_.Name } }
                    Get-CtrContainer {{Id}}* | ForEach-Object { "$($_.ContainerId) $($_.Spec.Linux.CgroupsPath) $($_.Labels.Count)" }
                    """
                )
                .Select(row => $"{row}")
                .Order(StringComparer.Ordinal),
        ];

    public override async Task PrepareAsync()
    {
        Start("-Memory 64m -PidsLimit 20");
        Start("-CgroupDriver systemd -Memory 32m", id: Id + "s");
        Engine.Require($"$null = New-CtrContainer {Id}n -Image {Busybox} -Label keep=me -- sleep 1000");
        // What this module keeps on the daemon's own host while a task or a mount exists.
        await Machine.RunScriptAsync("mkdir -p /run/containerd-powershell/stdio/1-1/old /run/containerd-powershell/mounts && sync");
        _shown = Shown();
        Assert.True(_shown.Length > 4);
        _boot = await Machine.BootIdAsync();
    }

    public override async Task VerifyAsync()
    {
        Assert.NotEqual(_boot, await Machine.BootIdAsync());
        // The session opens another tunnel by itself, once ssh has noticed that the old one is dead.
        await Eventually.TrueAsync(() => Engine.Invoke("Get-CtrVersion") is { Errors.Count: 0, Exception: null }, TimeSpan.FromMinutes(5));
        Assert.Equal(_shown, Shown());
        Assert.Empty(Engine.Require($"Get-CtrTask {Id}*"));
        Assert.Equal("gone", (await Machine.RunScriptAsync("ls -d /run/containerd-powershell/stdio 2> /dev/null || echo gone")).Trim());

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
        Assert.Empty(Engine.Require($"Get-CtrTask {Id}*"));
    }
}

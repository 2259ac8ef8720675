using System.Runtime.InteropServices;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Hosts;

/// <summary>
/// The module on a host with systemd and cgroup v2 itself: what it cannot do over SSH (standard streams, privileged containers, logs,
/// networks, mounts, checkpoints, private daemons), and what is right after a reboot. Emulated, PowerShell is thirty times slower: six
/// minutes on an idle machine, so it runs only when it is asked for (<c>-explicit only -class "*ModuleInside*"</c>).
/// </summary>
public sealed class ModuleInsideTests
{
    private const string Before = """
        $null = Import-CtrImage /mnt/busybox.tar
        $info = Get-CtrInfo
        Say driver "$($info.CgroupVersion) $($info.CgroupDriver)"
        $options = @{ Image = 'busybox:test'; Publish = '8080:80'; Memory = '64m' }
        $task = New-CtrContainer web @options -- sh -c 'echo first; exec busybox nc -ll -p 80 -e echo served' | Start-CtrTask
        Say cgroup (Get-Content /proc/$($task.Pid)/cgroup)
        Say exec (Invoke-CtrExec web -- sh -c 'cat /proc/self/cgroup; echo to-stderr >&2' 2> $null)
        Say privileged (Invoke-CtrContainer -Image busybox:test -Privileged -- sh -c 'grep CapEff /proc/self/status | cut -f 2; ls /dev/vda; mkdir /sys/fs/cgroup/x && echo writable')
        Say unprivileged (Invoke-CtrContainer -Image busybox:test -- sh -c 'ls /dev/vda 2> /dev/null; mkdir /sys/fs/cgroup/x 2> /dev/null || echo read-only')
        Say served (busybox nc -w 30 127.0.0.1 8080)
        Say address (Get-CtrContainer web).Networks[0].IPAddresses
        $null = New-CtrSnapshot work -Image busybox:test; $null = New-Item /srv/work -ItemType Directory; $null = Mount-CtrSnapshot work /srv/work
        Say mounts @(Get-CtrSnapshotMount).Count
        $daemon = Start-CtrDaemon -Name own -Detached
        Say daemons @(Get-CtrDaemon).Count
        """;

    /// <summary>With the later suite's daemon, since bookworm has no CRIU that works with cgroup v2.</summary>
    private const string Checkpoints = """
        systemctl start containerd-sid.service
        $null = Connect-CtrSession /run/containerd-sid/containerd.sock -Namespace later -Timeout 5m -OperationTimeout 5m
        $null = Import-CtrImage /mnt/busybox.tar
        $count = 'i=0; while true; do i=$((i+1)); echo $i; sleep 1; done'
        foreach ($driver in 'systemd', 'cgroupfs') {
            $null = New-CtrContainer $driver -Image busybox:test -CgroupDriver $driver -Memory 64m -- sh -c $count | Start-CtrTask
            while (@(Get-CtrLog $driver).Count -lt 2) { Start-Sleep -Milliseconds 500 }
            $null = Checkpoint-CtrTask $driver /var/tmp/$driver -Exit
            $saved = @(Get-CtrLog $driver).Count
            $task = Start-CtrTask $driver -CheckpointPath /var/tmp/$driver
            while (@(Get-CtrLog $driver).Count -lt $saved + 2) { Start-Sleep -Milliseconds 500 }
            $numbers = @(Get-CtrLog $driver | ForEach-Object { [int]"$_" })
            Say $driver "$((Get-Content /proc/$($task.Pid)/cgroup)) $(@($numbers | Select-Object -Unique).Count -eq $numbers[-1])"
            Remove-CtrContainer $driver -Force
        }
        """;

    private const string After = """
        Say log (Get-CtrLog web).Text
        Say mounts @(Get-CtrSnapshotMount).Count
        Say daemons @(Get-CtrDaemon | Where-Object Status -eq Running).Count
        Say tasks @(Get-CtrTask).Count
        $null = Start-CtrTask web
        Say served (busybox nc -w 30 127.0.0.1 8080)
        Say address (Get-CtrContainer web).Networks[0].IPAddresses
        Say logs ((Get-CtrLog web).Text -join ',')
        Remove-CtrContainer web -Force
        Remove-CtrNetwork bridge
        Say rest ((iptables -t nat -S | Select-String CNI-DN-) + @(Get-ChildItem /var/lib/cni/results -ErrorAction Ignore).Count)
        """;

    [Fact(Explicit = true)]
    public async Task Streams_logs_networks_mounts_checkpoints_and_daemons_work_on_the_host_itself_and_are_right_after_a_reboot()
    {
        Assert.SkipWhen(await VirtualMachine.ObstacleAsync() is { } obstacle, await VirtualMachine.ObstacleAsync() ?? "");
        var files = Directory.CreateTempSubdirectory("containerd-module-").FullName;
        try
        {
            await CopyAsync(files);
            await using var machine = await VirtualMachine.StartAsync(files);
            var before = await RunAsync(machine, Before);
            Assert.Equal("2 Systemd", before["driver"]);
            Assert.Equal("0::/system.slice/default-web.scope", before["cgroup"]);
            Assert.Equal("0::/", before["exec"]);
            Assert.Equal("000001ffffffffff /dev/vda writable", before["privileged"]);
            Assert.Equal("read-only", before["unprivileged"]);
            Assert.Equal(("served", "1", "1"), (before["served"], before["mounts"], before["daemons"]));

            var checkpoints = await RunAsync(machine, Checkpoints);
            Assert.Equal("0::/system.slice/later-systemd.scope True", checkpoints["systemd"]);
            Assert.Equal("0::/later/cgroupfs True", checkpoints["cgroupfs"]);

            await machine.RebootAsync();
            var after = await RunAsync(machine, After);
            Assert.Equal(("first", "0", "0", "0"), (after["log"], after["mounts"], after["daemons"], after["tasks"]));
            Assert.Equal(("served", before["address"]), (after["served"], after["address"]));
            Assert.Equal(("first,first", "0"), (after["logs"], after["rest"]));
        }
        finally
        {
            Directory.Delete(files, recursive: true);
        }
    }

    /// <summary>PowerShell, its runtime, the module and the image.</summary>
    private static async Task CopyAsync(string files)
    {
        var framework = RuntimeEnvironment.GetRuntimeDirectory().TrimEnd('/');
        var root = Path.GetFullPath(Path.Combine(framework, "..", "..", ".."));
        var version = Path.GetFileName(framework);
        var kinds = new[] { $"host/fxr/{version}", $"shared/{Path.GetFileName(Path.GetDirectoryName(framework))}/{version}" };
        foreach (var kind in kinds)
        {
            Directory.CreateDirectory(Path.Combine(files, "dotnet", Path.GetDirectoryName(kind)!));
            await Shell.RunAsync("cp", "-r", Path.Combine(root, kind), Path.Combine(files, "dotnet", kind));
        }

        await Shell.RunAsync("cp", "-r", Path.Combine(Repository.Root, "out", "pwsh"), Path.Combine(files, "pwsh"));
        await Shell.RunAsync("cp", "-r", Repository.Module, Path.Combine(files, "Containerd"));
        await Shell.RunAsync("cp", await TestImages.BusyboxTarAsync(), Path.Combine(files, "busybox.tar"));
    }

    /// <summary>Runs a script in PowerShell on the machine; what it says, by name.</summary>
    private static async Task<IReadOnlyDictionary<string, string>> RunAsync(VirtualMachine machine, string script)
    {
        var whole = $$"""
            $ErrorActionPreference = 'Stop'
            function Say($Name, $Value) { "$Name=$Value" }
            Import-Module /mnt/Containerd/Containerd.psd1
            $null = Connect-CtrSession -Timeout 5m -OperationTimeout 5m
            {{script}}
            """;
        var output = await machine.RunScriptAsync(
            $"""
            mountpoint -q /mnt || mount -o ro /dev/vdb /mnt
            cat > /root/script.ps1 <<'SCRIPT'
            {whole}
            SCRIPT
            DOTNET_ROOT=/mnt/dotnet DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 POWERSHELL_TELEMETRY_OPTOUT=1 HOME=/root /mnt/pwsh/pwsh -NoProfile -File /root/script.ps1
            """
        );
        return output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('=', 2))
            .Where(parts => parts.Length == 2)
            .ToDictionary(parts => parts[0], parts => parts[1].Trim(), StringComparer.Ordinal);
    }
}

using System.Diagnostics;
using System.Management.Automation;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Session;

/// <summary>A daemon that exists and does not answer: Ctrl+C returns the prompt within a second, for each command.</summary>
[Collection(Alone.Name)]
public sealed class HungDaemonTests : IAsyncLifetime
{
    // They ask no daemon, or draw on a terminal.
    private static readonly string[] Others =
    [
        "Disconnect-CtrSession",
        "Get-CtrSession",
        "Get-CtrDaemon",
        "Get-CtrNetwork",
        "New-CtrNetwork",
        "Start-CtrDaemon",
        "Stop-CtrDaemon",
        "Dismount-CtrImage",
        "Dismount-CtrSnapshot",
        "Get-CtrSnapshotMount",
        "Enter-CtrContainer",
        "Show-CtrStats",
        "Connect-CtrRegistry",
        "Disconnect-CtrRegistry",
        "Get-CtrRegistry",
    ];

    private static readonly Dictionary<string, string> Lines = new(StringComparer.Ordinal)
    {
        ["Add-CtrLeaseResource"] = "none -Type content -Id DIGEST",
        ["Checkpoint-CtrTask"] = "web FOLDER/cp",
        ["Clear-CtrContent"] = "",
        ["Clear-CtrImage"] = "-Confirm:$false",
        ["Clear-CtrContainer"] = "-Confirm:$false",
        ["Clear-CtrNetwork"] = "-Confirm:$false",
        ["Clear-CtrVolume"] = "-Confirm:$false",
        ["Clear-CtrStorage"] = "-Volume -Confirm:$false",
        ["Close-CtrStdin"] = "web",
        ["Connect-CtrNetwork"] = "web hung",
        ["Connect-CtrSession"] = "ADDRESS",
        ["Connect-CtrTask"] = "web",
        ["Copy-CtrItem"] = "web:/etc/passwd FOLDER/passwd",
        ["Disconnect-CtrNetwork"] = "web hung",
        ["Export-CtrContent"] = "DIGEST FOLDER/blob",
        ["Export-CtrImage"] = "busybox:test FOLDER/image.tar",
        ["Export-CtrSnapshot"] = "web FOLDER/layer.tar",
        ["Export-CtrContainer"] = "web FOLDER/web.tar",
        ["Export-CtrVolume"] = "hung FOLDER/volume.tar",
        ["Import-CtrVolume"] = "IMAGE hung",
        ["Get-CtrContainer"] = "",
        ["Get-CtrContent"] = "",
        ["Get-CtrDiff"] = "web",
        ["Get-CtrImage"] = "",
        ["Get-CtrInfo"] = "",
        ["Get-CtrIngest"] = "",
        ["Get-CtrLease"] = "",
        ["Get-CtrLog"] = "web",
        ["Get-CtrNamespace"] = "",
        ["Get-CtrPlugin"] = "",
        ["Get-CtrPort"] = "",
        ["Get-CtrProcess"] = "",
        ["Get-CtrRuntime"] = "",
        ["Get-CtrSnapshot"] = "",
        ["Get-CtrStats"] = "",
        ["Get-CtrTask"] = "",
        ["Get-CtrVersion"] = "",
        ["Get-CtrVolume"] = "",
        ["Import-CtrContent"] = "-Value x",
        ["Import-CtrImage"] = "IMAGE",
        ["Invoke-CtrContainer"] = "busybox:test -- true",
        ["Invoke-CtrExec"] = "web -- true",
        ["Measure-CtrStorage"] = "",
        ["Mount-CtrImage"] = "busybox:test FOLDER/mnt",
        ["Mount-CtrSnapshot"] = "web FOLDER/mnt",
        ["Move-CtrPort"] = "web web2",
        ["New-CtrContainer"] = "new -Image busybox:test -- true",
        ["New-CtrImage"] = "web new:1",
        ["New-CtrLease"] = "new",
        ["New-CtrNamespace"] = "new",
        ["New-CtrSnapshot"] = "new -Image busybox:test",
        ["New-CtrSpec"] = "-Image busybox:test -- true",
        ["New-CtrTask"] = "web",
        ["New-CtrVolume"] = "new",
        ["Receive-CtrImage"] = "localhost:1/none",
        ["Register-CtrEvent"] = "-SourceIdentifier hung",
        ["Remove-CtrContainer"] = "web -Force",
        ["Remove-CtrContent"] = "DIGEST -Force",
        ["Remove-CtrImage"] = "busybox:test",
        ["Remove-CtrIngest"] = "none",
        ["Remove-CtrLease"] = "none",
        ["Remove-CtrLeaseResource"] = "none -Type content -Id DIGEST",
        ["Remove-CtrNamespace"] = "none -Force -Confirm:$false",
        ["Remove-CtrNetwork"] = "hung",
        ["Remove-CtrSnapshot"] = "web -Force",
        ["Remove-CtrTask"] = "web -Force",
        ["Remove-CtrVolume"] = "hung",
        ["Rename-CtrContainer"] = "web web2",
        ["Repair-CtrNetwork"] = "",
        ["Resize-CtrTerminal"] = "web -Width 80 -Height 25",
        ["Restart-CtrTask"] = "web",
        ["Restore-CtrContainer"] = "FOLDER",
        ["Resume-CtrTask"] = "web",
        ["Save-CtrSnapshot"] = "web saved",
        ["Send-CtrImage"] = "busybox:test localhost:1/none",
        ["Send-CtrInput"] = "web text",
        ["Send-CtrSignal"] = "web TERM",
        ["Set-CtrContainer"] = "web -Label @{ a = 'b' }",
        ["Set-CtrContent"] = "DIGEST -Label @{ a = 'b' }",
        ["Set-CtrImage"] = "busybox:test -Label @{ a = 'b' }",
        ["Set-CtrNamespace"] = "none -Label @{ a = 'b' }",
        ["Set-CtrSnapshot"] = "web -Label @{ a = 'b' }",
        ["Show-CtrContainer"] = "",
        ["Start-CtrExec"] = "web exec",
        ["Start-CtrTask"] = "web",
        ["Stop-CtrTask"] = "web",
        ["Suspend-CtrTask"] = "web",
        ["Test-CtrImage"] = "busybox:test",
        ["Test-CtrNetwork"] = "",
        ["Test-CtrTask"] = "web",
        ["Update-CtrTask"] = "web -Memory 64m",
        ["Use-CtrLease"] = "{ 'not run' }",
        ["Wait-CtrTask"] = "web",
        ["Watch-CtrEvent"] = "",
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-hung-").FullName;
    private PrivateDaemon _daemon = null!;
    private Engine _engine = null!;

    public async ValueTask InitializeAsync()
    {
        _daemon = await PrivateDaemon.StartAsync();
        _engine = new Engine();
        var image = await TestImages.BusyboxTarAsync();
        _engine.Require(
            $"$null = Connect-CtrSession {_daemon.Address} -Namespace {_daemon.Namespace}; $null = Import-CtrImage '{image}'; $null = New-CtrContainer web -Image busybox:test -- sleep 1000; $null = Start-CtrTask web -WithStdin; $null = New-CtrNetwork hung"
        );
    }

    public async ValueTask DisposeAsync()
    {
        await Shell.RunAsync("kill", "-CONT", $"{_daemon.Daemon.Pid}");
        _engine.Invoke("Get-CtrContainer | Remove-CtrContainer -Force; Disconnect-CtrSession");
        _engine.Dispose();
        await _daemon.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Ctrl_C_returns_the_prompt_at_once_from_every_cmdlet_and_nothing_is_left()
    {
        var cmdlets = _engine.Require("(Get-Module Containerd).ExportedCmdlets.Keys").Select(name => name.ToString()).ToList();
        Assert.Equal(cmdlets.Except(Others).Order(StringComparer.Ordinal), Lines.Keys.Order(StringComparer.Ordinal));
        // A single request for an object with a given name may have been received: afterwards it is not known whether the object is the
        // caller's.
        List<string> before = [.. await LeftAsync(), "leases list --quiet: new"];
        var digest = _engine.Require("(Get-CtrContent)[0].Digest").Single().ToString();
        var image = await TestImages.BusyboxTarAsync();
        // As long as a daemon is away, clean-up waits for it, but not for ever: so not for all of them at once.
        foreach (var some in Lines.Chunk(15))
        {
            await Shell.FreezeAsync(_daemon.Daemon.Pid);
            var late = new List<string>();
            foreach (var (cmdlet, line) in some)
            {
                var running = _engine.Start(
                    $"{cmdlet} {line}"
                        .Replace("FOLDER", _folder, StringComparison.Ordinal)
                        .Replace("ADDRESS", _daemon.Address, StringComparison.Ordinal)
                        .Replace("DIGEST", digest, StringComparison.Ordinal)
                        .Replace("IMAGE", image, StringComparison.Ordinal)
                );
                await Task.Delay(150, TestContext.Current.CancellationToken);
                var clock = Stopwatch.StartNew();
                await running.StopAsync();
                if (clock.Elapsed > AtOnce.Limit)
                    late.Add($"{cmdlet}: {clock.Elapsed.TotalSeconds:0.0} s");
                var done = running.Wait();
                // Some find out before the call that there is nothing to do.
                if (done.Exception is not PipelineStoppedException && done.Errors.Count == 0)
                    late.Add($"{cmdlet}: ended by itself");
            }

            await Shell.RunAsync("kill", "-CONT", $"{_daemon.Daemon.Pid}");
            Assert.Empty(late);
            // What had been asked before is undone, now that the daemon answers; a task that was told to end has ended.
            List<string> left = [];
            for (
                var wait = Stopwatch.StartNew();
                wait.Elapsed < TimeSpan.FromSeconds(45) && (left = [.. (await LeftAsync()).Except(before)]).Count > 0;

            )
                await Task.Delay(500, TestContext.Current.CancellationToken);
            Assert.Empty(left);
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    private async Task<List<string>> LeftAsync()
    {
        var left = new List<string>();
        foreach (
            var list in new[]
            {
                "containers list --quiet",
                "snapshots list",
                "leases list --quiet",
                "content active",
                "images list --quiet",
            }
        )
            left.AddRange(
                (await _daemon.CtrAsync(list.Split(' ')))
                    .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                    .Select(row => $"{list}: {row.Split(' ', '\t')[0]}")
            );
        return left;
    }
}

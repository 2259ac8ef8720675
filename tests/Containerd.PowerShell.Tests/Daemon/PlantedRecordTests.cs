using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Daemon;

/// <summary>
/// A user without $XDG_RUNTIME_DIR, on a machine where another user has written records of daemons and mounts into the temporary folder.
/// </summary>
public sealed class PlantedRecordTests : IDisposable
{
    private const string User = "65534";
    private const string Other = "12345";

    private readonly string _temp = Directory.CreateTempSubdirectory("containerd-planted-").FullName;

    public PlantedRecordTests() => File.SetUnixFileMode(_temp, (UnixFileMode)0b111_111_111 | UnixFileMode.StickyBit);

    public void Dispose() => Directory.Delete(_temp, recursive: true);

    [Fact]
    public async Task Records_of_another_user_are_rejected_with_one_error_and_do_nothing()
    {
        await PlantAsync($"containerd-powershell-{User}");
        var run = await RunAsync();
        Assert.Equal("0", run["daemons"]);
        Assert.Equal("UntrustedFolder,Containerd.PowerShell.GetCtrDaemonCommand", run["find"]);
        Assert.Equal("1", run["errors"]);
        Assert.Contains(Other, run["message"], StringComparison.Ordinal);
        Assert.NotEmpty(run["remedy"]);
        Assert.NotEqual("none", run["stop"]);
        Assert.Equal("UntrustedFolder,Containerd.PowerShell.GetCtrSnapshotMountCommand", run["mounts"]);
        AssertUntouched();
    }

    [Fact]
    public async Task A_predictable_name_is_not_used()
    {
        await PlantAsync("containerd-powershell");
        var run = await RunAsync();
        Assert.Equal("0", run["daemons"]);
        Assert.Equal("none", run["find"]);
        Assert.StartsWith("DaemonNotFound,", run["stop"], StringComparison.Ordinal);
        Assert.Equal("none", run["mounts"]);
        AssertUntouched();
    }

    private void AssertUntouched()
    {
        Assert.False(File.Exists(Path.Combine(_temp, "ran")));
        Assert.True(File.Exists(Path.Combine(_temp, "victim", "file")));
    }

    private async Task PlantAsync(string name)
    {
        var place = Directory.CreateDirectory(Path.Combine(_temp, name, "daemons", "evil")).FullName;
        var bin = Directory.CreateDirectory(Path.Combine(_temp, "bin")).FullName;
        var victim = Directory.CreateDirectory(Path.Combine(_temp, "victim")).FullName;
        await File.WriteAllTextAsync(Path.Combine(victim, "file"), "");
        await File.WriteAllTextAsync(Path.Combine(bin, "rm"), $"#!/bin/sh\ntouch {_temp}/ran\n");
        File.SetUnixFileMode(Path.Combine(bin, "rm"), (UnixFileMode)0b111_101_101);
        await File.WriteAllTextAsync(
            Path.Combine(place, "daemon.json"),
            $$"""{ "Name": "evil", "Path": "{{victim}}", "Ephemeral": true, "SearchPath": "{{bin}}:/usr/bin:/bin", "Supervisor": { "Pid": 0, "StartTime": 0 } }"""
        );
        Directory.CreateDirectory(Path.Combine(_temp, name, "mounts"));
        await Shell.RunAsync("chown", "-R", Other, Path.Combine(_temp, name));
        await Shell.RunAsync("chown", "-R", User, victim);
    }

    private Task<HostRun> RunAsync() =>
        HostProcess.RunUnprivilegedAsync(
            """
            Import-Module Containerd
            function Get-Id($Found) { if ($Found) { $Found[0].FullyQualifiedErrorId } else { 'none' } }
            Say daemons @(Get-CtrDaemon -ErrorVariable find -ErrorAction SilentlyContinue).Count
            Say find (Get-Id $find)
            Say errors @($find).Count
            Say message "$($find[0])"
            Say remedy "$($find[0].ErrorDetails.RecommendedAction)"
            Stop-CtrDaemon evil -Force -RemoveData -ErrorVariable stop -ErrorAction SilentlyContinue
            Say stop (Get-Id $stop)
            $null = Get-CtrSnapshotMount -ErrorVariable mounts -ErrorAction SilentlyContinue
            Say mounts (Get-Id $mounts)
            """,
            new Dictionary<string, string?> { ["TMPDIR"] = _temp }
        );
}

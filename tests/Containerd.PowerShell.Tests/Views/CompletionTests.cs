using System.Diagnostics;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.PowerShell.Tests.Session;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Views;

/// <summary>Completion from the live daemon: soon, and never an error.</summary>
public sealed class CompletionTests(Scenes scenes) : LifecycleTest(scenes)
{
    [Fact]
    public void Ids_of_containers_complete_in_every_cmdlet_that_takes_one()
    {
        Engine.Require($"'{Id}-a', '{Id}-b', '{Id}-c' | New-CtrContainer -Image {Busybox} -- true");
        foreach (var line in new[] { "Get-CtrContainer ", "Start-CtrTask ", "Get-CtrTask -Id ", "Remove-CtrContainer ", "Send-CtrSignal ", "Invoke-CtrExec ", "Get-CtrLog ", "Wait-CtrTask ", "Stop-CtrTask ", "Set-CtrContainer " })
            Assert.Equal([$"{Id}-a", $"{Id}-b", $"{Id}-c"], Words(line + Id));
        Assert.Equal([$"{Id}-b"], Words($"Get-CtrContainer {Id}-b"));
        Assert.Empty(Words("Get-CtrContainer no-such"));
        // In the namespace that the line names.
        Assert.Empty(Words($"Get-CtrContainer -Namespace elsewhere {Id}"));
        // A word that is quoted, and one with a wildcard's characters, are words.
        Assert.Equal([$"{Id}-a", $"{Id}-b", $"{Id}-c"], Words($"Get-CtrContainer '{Id}"));
        Assert.Empty(Words("Get-CtrContainer [a"));
    }

    [Fact]
    public void Images_complete_by_their_short_and_their_full_name()
    {
        Assert.Equal(["busybox:test"], Words($"New-CtrContainer x -Image busy"));
        Assert.Equal([Busybox], Words("New-CtrContainer x -Image docker.io/lib"));
        Assert.Equal(["busybox:test"], Words("Get-CtrImage busy"));
        Assert.Equal(["busybox:test"], Words("Invoke-CtrContainer busy"));
    }

    [Fact]
    public void Sessions_and_namespaces_complete()
    {
        var name = PrivateDaemon.Unique("completed");
        Engine.Require($"Connect-CtrSession {Scene.Daemon.Address} -Name {name} -Namespace {Scene.Namespace}");
        Assert.Equal([name], Words($"Get-CtrTask -Session {name[..^2]}"));
        Assert.Equal([name], Words($"Disconnect-CtrSession {name[..^2]}"));
        Assert.Equal([Scene.Namespace], Words($"Get-CtrTask -Namespace {Scene.Namespace[..^2]}"));
        Assert.Equal([Scene.Namespace], Words($"Get-CtrTask -Session {name} -Namespace {Scene.Namespace[..^2]}"));
        Engine.Require($"New-CtrContainer {Id} -Image {Busybox} -- true");
        Assert.Equal([Id], Words($"Get-CtrContainer -Session {name} {Id[..^2]}"));
        Engine.Require($"Disconnect-CtrSession {name}");
    }

    [Theory]
    [InlineData("Send-CtrSignal x TER", "SIGTERM")]
    [InlineData("Send-CtrSignal x -Signal sigki", "SIGKILL")]
    [InlineData("Stop-CtrTask x -Signal HU", "SIGHUP")]
    [InlineData("New-CtrContainer x -CapAdd CAP_NET_AD", "CAP_NET_ADMIN")]
    [InlineData("New-CtrContainer x -CapAdd net_ad", "CAP_NET_ADMIN")]
    [InlineData("New-CtrContainer x -CapDrop AL", "ALL")]
    [InlineData("New-CtrContainer x -Runtime cr", "crun")]
    [InlineData("New-CtrContainer x -SeccompProfile unc", "unconfined")]
    [InlineData("New-CtrContainer x -Snapshotter over", "overlayfs")]
    [InlineData("Import-CtrImage x -Platform linux/arm6", "linux/arm64")]
    [InlineData("New-CtrContainer x -Platform linux/arm6", "linux/arm64")]
    [InlineData("Get-CtrTask -Status Pausi", "Pausing")]
    public void Words_that_are_known_complete(string line, string word) => Assert.Equal([word], Words(line));

    [Fact]
    public async Task A_daemon_that_is_gone_or_hangs_costs_a_second_and_no_error()
    {
        await using var daemon = await PrivateDaemon.StartAsync();
        Engine.Require($"Connect-CtrSession {daemon.Address}");
        // Loaded, and the connection open.
        Assert.Empty(Words("Get-CtrContainer x"));
        using (var containerd = Process.GetProcessById(daemon.Daemon.Pid))
        {
            await Shell.RunAsync("kill", "-STOP", $"{containerd.Id}");
            var clock = Stopwatch.StartNew();
            Assert.Empty(Words("Get-CtrContainer x"));
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1.7));
            await Shell.RunAsync("kill", "-CONT", $"{containerd.Id}");
        }

        await daemon.DisposeAsync();
        var gone = Stopwatch.StartNew();
        Assert.Empty(Words("Get-CtrContainer x"));
        Assert.Empty(Words("New-CtrContainer x -Image b"));
        Assert.InRange(gone.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        Assert.Empty(Engine.Require("$Error"));
        Engine.Require("Disconnect-CtrSession");
    }

    [Fact]
    public async Task With_no_session_open_the_environments_daemon_is_asked_and_one_that_is_not_there_or_silent_costs_a_second()
    {
        var folder = Directory.CreateTempSubdirectory("containerd-complete-").FullName;
        using var silent = new FakeDaemon(Path.Combine(folder, "silent.sock"), answer: null);
        const string Script = """
            Import-Module Containerd
            function Complete { param($Line) ([System.Management.Automation.CommandCompletion]::CompleteInput($Line, $Line.Length, $null, [powershell]::Create('CurrentRunspace')).CompletionMatches | ForEach-Object CompletionText) -join ',' }
            $null = Complete 'Get-CtrVersion -Sess'
            $clock = [Diagnostics.Stopwatch]::StartNew()
            Say words (Complete 'New-CtrContainer x -Image busy')
            Say took $clock.ElapsedMilliseconds
            Say errors $Error.Count
            """;
        Dictionary<string, string?> Environment(string socket) => new() { ["CONTAINERD_ADDRESS"] = socket, ["CONTAINERD_NAMESPACE"] = Scene.Namespace };
        Assert.Equal("busybox:test", (await HostProcess.RunAsync(Script, Environment(Scene.Daemon.Address)))["words"]);
        foreach (var socket in new[] { silent.Path, Path.Combine(folder, "none.sock"), "no address" })
        {
            var run = await HostProcess.RunAsync(Script, Environment(socket));
            Assert.Equal("", run["words"]);
            Assert.Equal("0", run["errors"]);
            Assert.InRange(int.Parse(run["took"], System.Globalization.CultureInfo.InvariantCulture), 0, 2000);
        }

        Directory.Delete(folder, recursive: true);
    }

    // The shell completes files where a cmdlet's own completion gives nothing.
    private IReadOnlyList<string> Words(string line) =>
        [.. Engine.Complete(line).Where(match => match.ResultType is not (System.Management.Automation.CompletionResultType.ProviderItem or System.Management.Automation.CompletionResultType.ProviderContainer)).Select(match => match.CompletionText)];
}

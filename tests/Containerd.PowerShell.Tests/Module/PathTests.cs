using System.Management.Automation;
using Containerd.PowerShell.Tests.Lifecycle;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Module;

/// <summary>A path is PowerShell's: relative to its location, on its drives, and refused where it means no file.</summary>
public sealed class PathTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Theory]
    [InlineData("New-CtrContainer {0} -SpecPath {1}", "NewCtrContainer")]
    [InlineData("New-CtrContainer {0} -Rootfs {1} -- true", "NewCtrContainer")]
    [InlineData("New-CtrContainer {0} -Image busybox:test -SeccompProfile {1}", "NewCtrContainer")]
    [InlineData("New-CtrContainer {0} -Image busybox:test -Mount @{{ Source = '{1}'; Target = '/a' }}", "NewCtrContainer")]
    [InlineData("New-CtrSpec {0} -Rootfs {1} -- true", "NewCtrSpec")]
    [InlineData("Invoke-CtrContainer busybox:test -Id {0} -SeccompProfile {1}", "InvokeCtrContainer")]
    [InlineData("Start-CtrTask {0} -LogPath {1}", "StartCtrTask")]
    [InlineData("Import-CtrImage {1}", "ImportCtrImage")]
    [InlineData("Import-CtrImage -LiteralPath {1}", "ImportCtrImage")]
    [InlineData("Start-CtrDaemon {0} -Path {1}", "StartCtrDaemon")]
    [InlineData("Start-CtrDaemon {0} -ConfigPath {1}", "StartCtrDaemon")]
    [InlineData("Start-CtrDaemon {0} -SearchPath {1}", "StartCtrDaemon")]
    [InlineData("Start-CtrDaemon {0} -ContainerdPath {1}/x", "StartCtrDaemon")]
    public void A_path_of_another_provider_is_refused(string command, string cmdlet)
    {
        var done = Engine.Invoke(string.Format(System.Globalization.CultureInfo.InvariantCulture, command, Id, "Env:PATH"));
        Assert.Empty(done.Output);
        AssertError(done.Error, ErrorIds.NotAFilePath, cmdlet, ErrorCategory.InvalidArgument);
        Assert.Contains("'Env:PATH", done.Error.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Relative_paths_and_those_of_a_drive_are_found()
    {
        File.Copy(await TestImages.BusyboxTarAsync(), Path.Combine(Folder, "image[1].tar"));
        Engine.Require(
            $$"""
            $null = $ExecutionContext.SessionState.Drive.New([Management.Automation.PSDriveInfo]::new('Ctr', $ExecutionContext.SessionState.Provider.GetOne('FileSystem'), '{{Folder}}', '', $null), 'global')
            $null = $ExecutionContext.SessionState.Path.SetLocation('{{Folder}}')
            """
        );
        var spec = Engine.Require<CtrSpec>($"New-CtrSpec {Id} -Image {Busybox} -- echo from-file");
        await File.WriteAllTextAsync(Path.Combine(Folder, "config.json"), spec.ToJson(), TestContext.Current.CancellationToken);
        foreach (var path in new[] { "config.json", "./config.json", "Ctr:/config.json", "Ctr:\\config.json" })
        {
            Engine.Require(
                $"New-CtrContainer {Id} -Image {Busybox} -SpecPath {path} | Start-CtrTask -LogPath Ctr:/log.txt | Wait-CtrTask | Remove-CtrContainer"
            );
            Assert.Equal(
                "from-file\n",
                await File.ReadAllTextAsync(Path.Combine(Folder, "log.txt"), TestContext.Current.CancellationToken)
            );
            File.Delete(Path.Combine(Folder, "log.txt"));
        }

        var ns = PrivateDaemon.Unique("paths");
        foreach (var path in new[] { "image*.tar", "Ctr:/image*", "-LiteralPath image[1].tar", "-LiteralPath Ctr:/image[1].tar" })
            Assert.Equal(Busybox, Engine.Require<CtrImage>($"Import-CtrImage {path} -Namespace {ns}").Name);
        Engine.Require($"Remove-CtrImage {Busybox} -Namespace {ns}");
    }
}

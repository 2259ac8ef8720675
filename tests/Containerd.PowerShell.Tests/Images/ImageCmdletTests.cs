using System.Management.Automation;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Images;

/// <summary>One daemon for all; each test has a namespace of its own.</summary>
public sealed class ImageDaemon : IAsyncLifetime
{
    public PrivateDaemon Daemon { get; private set; } = null!;

    public string Tar { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Daemon = await PrivateDaemon.StartAsync();
        Tar = await TestImages.BusyboxTarAsync();
    }

    public ValueTask DisposeAsync() => Daemon.DisposeAsync();
}

public sealed class ImageCmdletTests : IClassFixture<ImageDaemon>, IDisposable
{
    private readonly Engine _engine = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-images-").FullName;
    private readonly string _namespace = PrivateDaemon.Unique("images");
    private readonly ImageDaemon _daemon;

    public ImageCmdletTests(ImageDaemon daemon)
    {
        ArgumentNullException.ThrowIfNull(daemon);
        _daemon = daemon;
        _engine.Require($"$session = Connect-CtrSession '{daemon.Daemon.Address}' -Namespace {_namespace}");
        File.Copy(daemon.Tar, Path.Combine(_folder, "a.tar"));
    }

    public void Dispose()
    {
        _engine.Require("Disconnect-CtrSession $session");
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void An_image_is_imported_listed_completed_shown_and_removed()
    {
        var image = Assert.Single(_engine.Require($"Import-CtrImage '{_folder}/a.tar'"));
        Assert.Equal(TestImages.Busybox, image.ToString());
        Assert.Equal(_namespace, image.Properties["Namespace"].Value);
        Assert.Single(_engine.Require("Get-CtrImage"));
        foreach (var name in new[] { "busybox:test", TestImages.Busybox, "busy*", "docker.io/*", "*:TEST" })
        {
            Assert.Equal(TestImages.Busybox, Assert.Single(_engine.Require($"Get-CtrImage {name}")).ToString());
        }

        Assert.Equal("busybox:test", _engine.Complete("Get-CtrImage busy")[0].CompletionText);
        Assert.Equal(TestImages.Busybox, Assert.Single(_engine.Complete("Remove-CtrImage docker.io/lib")).CompletionText);
        var shown = _engine.Display("Get-CtrImage");
        Assert.Contains("Platforms", shown, StringComparison.Ordinal);
        Assert.Contains(TestImages.Busybox, shown, StringComparison.Ordinal);
        Assert.All(shown.Split('\n'), line => Assert.True(line.Length <= Engine.Width, line));

        _engine.Require("Get-CtrImage | Remove-CtrImage -WhatIf");
        Assert.Single(_engine.Require("Get-CtrImage"));
        Assert.Empty(_engine.Require("Get-CtrImage | Remove-CtrImage"));
        Assert.Empty(_engine.Require("Get-CtrImage"));
    }

    [Fact]
    public void Archives_are_specified_by_path_wildcard_and_pipeline()
    {
        File.Copy(_daemon.Tar, Path.Combine(_folder, "b[1].tar"));
        Assert.Equal(2, _engine.Require($"Import-CtrImage '{_folder}/*.tar'").Count);
        Assert.Single(_engine.Require($"Import-CtrImage -LiteralPath '{_folder}/b[1].tar'"));
        Assert.Equal(2, _engine.Require($"'{_folder}/a.tar', '{_folder}/a.tar' | Import-CtrImage").Count);
        Assert.Single(_engine.Require($"[IO.FileInfo]'{_folder}/b[1].tar' | Import-CtrImage"));
        Assert.Single(_engine.Require($"[void]$ExecutionContext.SessionState.Path.SetLocation('{_folder}'); Import-CtrImage a.tar"));
        Assert.Empty(_engine.Require($"Import-CtrImage '{_folder}/a.tar' -WhatIf"));
        Assert.Empty(_engine.Require($"Import-CtrImage '{_folder}/*.none'"));
        var image = Assert.Single(_engine.Require($"Import-CtrImage '{_folder}/a.tar' -Label @{{ purpose = 'test' }}"));
        Assert.Equal("test", ((IDictionary<string, string>)image.Properties["Labels"].Value)["purpose"]);
    }

    [Fact]
    public void Each_failure_is_one_error_and_the_next_item_follows()
    {
        File.WriteAllText(Path.Combine(_folder, "text.tar"), "not a tar");
        var done = _engine.Invoke(
            $"'{_folder}/none.tar', '{_folder}/text.tar', '{_folder}/a.tar' | Import-CtrImage; Get-CtrImage nothing, busybox:test; Get-CtrImage nothing*; Remove-CtrImage nothing, nothing*"
        );
        Assert.Equal(2, done.Output.Count);
        Assert.Equal(
            [ErrorIds.FileNotFound, ErrorIds.ImageArchiveInvalid, ErrorIds.ImageNotFound, ErrorIds.ImageNotFound],
            done.Errors.Select(e => e.FullyQualifiedErrorId.Split(',')[0])
        );
        Assert.Equal(
            [ErrorCategory.ObjectNotFound, ErrorCategory.InvalidData, ErrorCategory.ObjectNotFound, ErrorCategory.ObjectNotFound],
            done.Errors.Select(e => e.CategoryInfo.Category)
        );
        Assert.Contains("Import-CtrImage", done.Errors[2].ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_is_pushed_back_to_its_registry()
    {
        _engine.Require($"$image = Import-CtrImage '{_folder}/a.tar' -Namespace {_namespace}-other");
        Assert.Empty(_engine.Require("Get-CtrImage"));
        _engine.Require("$image | Remove-CtrImage");
        Assert.Empty(_engine.Require($"Get-CtrImage -Namespace {_namespace}-other"));
    }

    [Fact]
    public async Task Ctrl_C_during_an_import_leaves_nothing()
    {
        // A file that never ends, with content that no other test has.
        var pipe = Path.Combine(_folder, "endless.tar");
        await Shell.RunAsync("mkfifo", pipe);
        var noise = new byte[4 << 20];
        Random.Shared.NextBytes(noise);
        await File.WriteAllBytesAsync(Path.Combine(_folder, "layer.tar"), noise, TestContext.Current.CancellationToken);
        await Shell.RunAsync("tar", "-C", _folder, "-cf", Path.Combine(_folder, "whole.tar"), "layer.tar");
        var running = _engine.Start($"Import-CtrImage '{pipe}'");
        await using var writer = new FileStream(pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        var whole = await File.ReadAllBytesAsync(Path.Combine(_folder, "whole.tar"), TestContext.Current.CancellationToken);
        await writer.WriteAsync(whole.AsMemory(0, 3 << 20), TestContext.Current.CancellationToken);
        await writer.FlushAsync(TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => Ctr("content", "active").Result.Contains("import-", StringComparison.Ordinal));

        var stopping = System.Diagnostics.Stopwatch.StartNew();
        await running.StopAsync();

        Assert.True(stopping.Elapsed < TimeSpan.FromSeconds(3), stopping.Elapsed.ToString());
        Assert.IsType<PipelineStoppedException>(running.Wait().Exception);
        Assert.DoesNotContain("import-", await Ctr("content", "active"), StringComparison.Ordinal);
        Assert.DoesNotContain("pwsh-", await Ctr("leases", "list"), StringComparison.Ordinal);
        Assert.DoesNotContain("sha256:", await Ctr("content", "list"), StringComparison.Ordinal);
    }

    private Task<string> Ctr(params string[] arguments) =>
        Shell.RunAsync("ctr", ["--address", _daemon.Daemon.SocketPath, "--namespace", _namespace, .. arguments]);
}

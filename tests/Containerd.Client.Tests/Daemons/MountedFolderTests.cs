using Containerd.Host.Mounts;
using Containerd.Testing;

namespace Containerd.Client.Tests.Daemons;

/// <summary>A daemon's data is removed, and nothing of what is mounted in its folder, whatever its name is.</summary>
public sealed class MountedFolderTests : IAsyncLifetime
{
    private readonly string _base = Directory.CreateTempSubdirectory("containerd-mounted-").FullName;

    private string Precious => Path.Combine(_base, "host", "precious");

    private string Odd => Path.Combine(_base, "a b\tc\nd\\e\\040 100%s");

    public ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Precious)!);
        File.WriteAllText(Precious, "kept");
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var point in MountTable.Points().Where(p => p.StartsWith(_base, StringComparison.Ordinal)).Reverse())
            await Shell.RunAsync("umount", point);
        Directory.Delete(_base, recursive: true);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Mounts_are_unmounted_before_anything_is_removed(bool throughLink)
    {
        var given = Odd;
        if (throughLink)
        {
            given = Path.Combine(_base, "link");
            Directory.CreateDirectory(Odd);
            Directory.CreateSymbolicLink(given, Odd);
        }

        await using var daemon = await PrivateDaemon.StartAsync(adjust: options => options.Path = given);
        await MountAsync(Path.Combine(Odd, "state", "held"));
        await MountAsync(Path.Combine(Odd, "root", "held"));
        await CtrDaemons.StopAsync(daemon.Daemon.Name, removeData: true);
        Assert.Equal("kept", await File.ReadAllTextAsync(Precious));
        Assert.Equal(["host"], Directory.GetFileSystemEntries(_base).Select(Path.GetFileName));
        Assert.Null(MountTable.Below(_base));
    }

    [Fact]
    public async Task Other_mounts_in_the_folder_are_kept_and_named()
    {
        await using var daemon = await PrivateDaemon.StartAsync(adjust: options => options.Path = Odd);
        var own = Path.Combine(Odd, "own");
        await MountAsync(own);
        var error = await Assert.ThrowsAsync<CtrRuntimeException>(() => CtrDaemons.StopAsync(daemon.Daemon.Name, removeData: true));
        Assert.Equal(ErrorIds.DaemonCleanupFailed, error.ErrorId);
        Assert.Contains("/own, so the folder around it is kept", error.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(own, "precious")));
        await Shell.RunAsync("umount", own);
        await CtrDaemons.StopAsync(daemon.Daemon.Name);
        Assert.Equal("kept", await File.ReadAllTextAsync(Precious));
        Assert.False(Directory.Exists(Odd));
    }

    private async Task MountAsync(string point)
    {
        Directory.CreateDirectory(point);
        await Shell.RunAsync("mount", "--bind", Path.GetDirectoryName(Precious)!, point);
    }
}

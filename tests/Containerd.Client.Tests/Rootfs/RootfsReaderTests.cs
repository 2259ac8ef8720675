using System.Diagnostics;
using Containerd.Host;
using Containerd.Testing;

namespace Containerd.Client.Tests.Rootfs;

public sealed class RootfsReaderTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("rootfs-test-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_directory_is_read_and_cannot_be_left()
    {
        var root = Layer("root", ("etc/passwd", "inside"));
        File.CreateSymbolicLink($"{root}/etc/absolute", "/etc/passwd");
        File.CreateSymbolicLink($"{root}/etc/climbing", "../../../../../../../../etc/passwd");
        File.CreateSymbolicLink($"{root}/up", "/..");
        File.CreateSymbolicLink($"{root}/loop", "loop");
        File.CreateSymbolicLink($"{root}/magic", "/proc/self/root/etc/passwd");
        RootfsReader.Read(root, rootfs =>
        {
            Assert.Equal("inside", Text(rootfs, "/etc/passwd"));
            Assert.Equal("inside", Text(rootfs, "etc/passwd"));
            Assert.Equal("inside", Text(rootfs, "/etc/absolute"));
            Assert.Equal("inside", Text(rootfs, "/etc/climbing"));
            Assert.Equal("inside", Text(rootfs, "/up/../up/etc/passwd"));
            Assert.Equal("inside", Text(rootfs, "../../etc/passwd"));
            Assert.Null(rootfs.OpenRead("/loop"));
            Assert.Null(rootfs.OpenRead("/magic"));
            Assert.Null(rootfs.OpenRead("/etc"));
            Assert.Null(rootfs.OpenRead("/etc/passwd/x"));
            Assert.False(rootfs.Exists("/missing"));
            Assert.True(rootfs.Exists("/etc"));
            Assert.Equal(["absolute", "climbing", "passwd"], rootfs.List("/etc")!.Order());
            Assert.Null(rootfs.List("/etc/passwd"));
            return true;
        });
    }

    [Fact]
    public async Task A_FIFO_instead_of_a_file_does_not_block()
    {
        var root = Layer("root");
        await Shell.RunAsync("mkfifo", $"{root}/etc/passwd");
        Assert.Null(
            await Task.Run(() => RootfsReader.Read(root, rootfs => rootfs.OpenRead("/etc/passwd")), TestContext.Current.CancellationToken)
                .WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken)
        );
    }

    [Fact]
    public void A_missing_directory_is_not_found() =>
        Assert.Equal(
            ErrorIds.RootfsNotFound,
            Assert.Throws<CtrNotFoundException>(() => RootfsReader.Read($"{folder}/missing", _ => true)).ErrorId
        );

    [Fact]
    public async Task A_running_process_shows_its_root()
    {
        using var process = Process.Start("sleep", "30");
        try
        {
            Assert.Equal(
                await File.ReadAllTextAsync("/etc/passwd", TestContext.Current.CancellationToken),
                RootfsReader.Read($"/proc/{process.Id}/root", rootfs => Text(rootfs, "/etc/passwd"))
            );
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public async Task An_overlay_is_read_with_whiteouts_and_the_upper_layer_first()
    {
        NeedRoot();
        var (lower, upper, work, target) = (
            Layer("lower", ("etc/passwd", "lower"), ("etc/gone", "x"), ("opaque/old", "x")),
            Layer("upper"),
            Layer("work"),
            Layer("target")
        );
        await Shell.RunAsync("mount", "-t", "overlay", "overlay", "-o", $"lowerdir={lower},upperdir={upper},workdir={work}", target);
        File.WriteAllText($"{target}/etc/passwd", "upper");
        File.Delete($"{target}/etc/gone");
        Directory.Delete($"{target}/opaque", recursive: true);
        Directory.CreateDirectory($"{target}/opaque");
        File.WriteAllText($"{target}/opaque/young", "x");
        await Shell.RunAsync("umount", target);

        RootfsReader.Read(Overlay(lower, upper, work), rootfs =>
        {
            Assert.Equal("upper", Text(rootfs, "/etc/passwd"));
            Assert.False(rootfs.Exists("/etc/gone"));
            Assert.Equal(["passwd"], rootfs.List("/etc")!);
            Assert.Equal(["young"], rootfs.List("/opaque")!);
            return true;
        });
        NothingIsLeft();
    }

    [Fact]
    public async Task An_overlay_that_a_container_uses_can_be_read()
    {
        NeedRoot();
        var (lower, upper, work, target) = (Layer("lower", ("etc/passwd", "lower")), Layer("upper"), Layer("work"), Layer("target"));
        await Shell.RunAsync(
            "mount",
            "-t",
            "overlay",
            "overlay",
            "-o",
            $"index=on,lowerdir={lower},upperdir={upper},workdir={work}",
            target
        );
        try
        {
            File.WriteAllText($"{target}/etc/passwd", "written");
            Assert.Equal("written", RootfsReader.Read(Overlay(lower, upper, work), rootfs => Text(rootfs, "/etc/passwd")));
        }
        finally
        {
            await Shell.RunAsync("umount", target);
        }
    }

    [Fact]
    public void Links_of_an_overlay_stay_inside()
    {
        NeedRoot();
        var lower = Layer("lower", ("real/passwd", "inside"));
        Directory.Delete($"{lower}/etc");
        File.CreateSymbolicLink($"{lower}/etc", "/real");
        var upper = Layer("upper");
        Directory.Delete($"{upper}/etc");
        File.CreateSymbolicLink($"{upper}/out", "../../../../../../../etc/passwd");
        RootfsReader.Read(Overlay(lower, upper, Layer("work")), rootfs =>
        {
            Assert.Equal("inside", Text(rootfs, "/etc/passwd"));
            Assert.Equal("inside", Text(rootfs, "/out"));
            return true;
        });
    }

    [Fact]
    public void Many_layers_with_long_names_fit()
    {
        NeedRoot();
        var layers = Enumerable
            .Range(0, 120)
            .Select(n => Layer($"{new string('x', 120)}:{n}", ($"etc/file{n}", $"{n}"), ("etc/passwd", $"{n}")))
            .ToArray();
        var lowerdir = string.Join(':', layers.Select(layer => layer.Replace(":", "\\:", StringComparison.Ordinal)));
        Assert.True(lowerdir.Length > 3 * 4096);
        var before = Environment.CurrentDirectory;
        RootfsReader.Read([new SnapshotMount("overlay", "overlay", "", [$"lowerdir={lowerdir}"])], rootfs =>
        {
            Assert.Equal("0", Text(rootfs, "/etc/passwd"));
            Assert.Equal("119", Text(rootfs, "/etc/file119"));
            Assert.Equal(121, rootfs.List("/etc")!.Count);
            Assert.False(rootfs.Exists("/119"));
            return true;
        });
        Assert.Equal(before, Environment.CurrentDirectory);
        NothingIsLeft();
    }

    [Fact]
    public void A_bind_is_read_only_and_only_for_the_reader()
    {
        NeedRoot();
        var root = Layer("root", ("etc/passwd", "x"));
        var mounts = new[] { new SnapshotMount("bind", root, "", ["rbind", "rw"]) };
        RootfsReader.Read(mounts, rootfs =>
        {
            var target = File.ReadLines("/proc/thread-self/mountinfo")
                .Select(line => line.Split(' '))
                .Single(f => f[4].Contains($"/ctr-rootfs-{Environment.ProcessId}-", StringComparison.Ordinal))[4];
            Assert.Throws<IOException>(() => File.WriteAllText($"{target}/new", "x"));
            NothingIsMounted();
            return true;
        });
        NothingIsLeft();
    }

    [Fact]
    public void Exceptions_of_the_reader_are_passed_on_and_the_mount_is_removed()
    {
        NeedRoot();
        var mounts = new[] { new SnapshotMount("bind", Layer("root", ("etc/passwd", "x")), "", ["rbind", "ro"]) };
        Stream? leaked = null;
        Assert.Throws<InvalidTimeZoneException>(() => RootfsReader.Read<bool>(mounts, rootfs =>
            {
                leaked = rootfs.OpenRead("/etc/passwd");
                throw new InvalidTimeZoneException();
            }));
        Assert.Throws<ObjectDisposedException>(() => leaked!.ReadByte());
        NothingIsLeft();
    }

    [Fact]
    public void The_error_of_an_impossible_mount_names_the_alternative()
    {
        NeedRoot();
        var e = Assert.Throws<CtrNotSupportedException>(() => RootfsReader.Read([new SnapshotMount("nosuchfs", "x", "", [])], _ => true));
        Assert.Equal(ErrorIds.RootfsNotReadable, e.ErrorId);
        Assert.Contains("uid:gid", e.Remedy, StringComparison.Ordinal);
        NothingIsLeft();

        var users = UserLookup.In([new SnapshotMount("nosuchfs", "x", "", [])]);
        Assert.Equal("7:8", users.Find("7:8", []).ToString());
        Assert.Equal("0:0", users.Find("", []).ToString());
        Assert.Throws<CtrNotSupportedException>(() => users.Find("web", []));
    }

    [Fact]
    public void Users_are_read_from_the_snapshot()
    {
        NeedRoot();
        var lower = Layer("lower", ("etc/passwd", "web:x:1000:1000::/:\n"), ("etc/group", "logs:x:5:web\n"));
        var found = UserLookup.In(Overlay(lower, Layer("upper"), Layer("work"))).Find("web", []);
        Assert.Equal([1000u, 5], found.AdditionalGids!);
    }

    private static void NeedRoot() => Assert.SkipUnless(Environment.IsPrivilegedProcess, "Mounts need root.");

    private static string? Text(IRootfs rootfs, string path)
    {
        using var stream = rootfs.OpenRead(path);
        using var reader = stream is null ? null : new StreamReader(stream);
        return reader?.ReadToEnd();
    }

    private static SnapshotMount[] Overlay(string lower, string upper, string work) =>
        [new SnapshotMount("overlay", "overlay", "", [$"workdir={work}", $"upperdir={upper}", $"lowerdir={lower}"])];

    private static void NothingIsMounted() =>
        Assert.DoesNotContain(File.ReadLines("/proc/self/mountinfo"), line =>
            line.Contains($"/ctr-rootfs-{Environment.ProcessId}-", StringComparison.Ordinal)
        );

    private static void NothingIsLeft()
    {
        NothingIsMounted();
        Assert.Empty(Directory.GetDirectories(Path.GetTempPath(), $"ctr-rootfs-{Environment.ProcessId}-*"));
    }

    private string Layer(string name, params (string Path, string Content)[] files)
    {
        var layer = $"{folder}/{name}";
        Directory.CreateDirectory($"{layer}/etc");
        foreach (var (path, content) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName($"{layer}/{path}")!);
            File.WriteAllText($"{layer}/{path}", content);
        }
        return layer;
    }
}

using Containerd.Host;
using Containerd.Testing;

namespace Containerd.Client.Tests.Specs;

/// <summary>A bundle with busybox as its root filesystem, which runc runs with a spec of ours.</summary>
public sealed class RuncBundle : IDisposable
{
    public const string Namespace = "ctr-spec-tests";

    public RuncBundle()
    {
        Assert.SkipUnless(
            Environment.IsPrivilegedProcess
                && File.Exists("/bin/busybox")
                && (File.Exists("/usr/sbin/runc") || File.Exists("/usr/bin/runc")),
            "This needs root, runc and busybox-static."
        );
        Folder = Directory.CreateTempSubdirectory("spec-bundle-").FullName;
        foreach (var directory in new[] { "bin", "etc", "proc", "sys", "dev", "tmp", "run", "root" })
            Directory.CreateDirectory($"{Rootfs}/{directory}");
        File.Copy("/bin/busybox", $"{Rootfs}/bin/busybox");
        foreach (
            var applet in new[]
            {
                "sh",
                "cat",
                "id",
                "ls",
                "mount",
                "unshare",
                "grep",
                "hostname",
                "touch",
                "sleep",
                "stat",
                "chroot",
                "dd",
                "df",
                "ip",
                "env",
                "chown",
                "mknod",
            }
        )
            File.CreateSymbolicLink($"{Rootfs}/bin/{applet}", "busybox");
        File.WriteAllText($"{Rootfs}/etc/passwd", "root:x:0:0:root:/root:/bin/sh\nweb:x:1000:1000:web:/tmp:/bin/sh\n");
        File.WriteAllText($"{Rootfs}/etc/group", "root:x:0:root\nweb:x:1000:\nlogs:x:2000:web\n");
    }

    public string Folder { get; }

    public string Rootfs => $"{Folder}/rootfs";

    public string Id { get; } = $"spec-{Guid.NewGuid():N}"[..20];

    public CtrSpec Build(SpecOptions options) => SpecBuilder.Build(Id, Namespace, options, null, HostFacts.Detect(), UserLookup.In(Rootfs));

    public async Task<(int Code, string Output, string Error)> RunAsync(CtrSpec spec)
    {
        await File.WriteAllTextAsync($"{Folder}/config.json", spec.ToJson());
        return await Shell.TryAsync("runc", "--root", $"{Folder}/state", "run", "--bundle", Folder, Id);
    }

    public Task<(int Code, string Output, string Error)> RunAsync(SpecOptions options, string script)
    {
        return RunAsync(Build(options with { Command = ["/bin/sh", "-c", script] }));
    }

    public void Dispose()
    {
        // Only the container's own cgroup is the runtime's to remove.
        foreach (
            var controller in Directory.Exists("/sys/fs/cgroup/memory") ? Directory.GetDirectories("/sys/fs/cgroup") : ["/sys/fs/cgroup"]
        )
            _ = TryDelete($"{controller}/{Namespace}");
        Directory.Delete(Folder, recursive: true);
    }

    private static bool TryDelete(string directory)
    {
        try
        {
            Directory.Delete(directory);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}

using System.Text;
using System.Text.Json.Nodes;
using Containerd.Host.Native;
using Containerd.PowerShell.Tests.Container;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Volumes;

/// <summary>A daemon with an image that declares volumes and has files there.</summary>
public sealed class VolumeDaemon : IAsyncLifetime
{
    /// <summary>
    /// The image: /data (1000:1000, 0750, with files of all kinds) and /logs are volumes; /link leads to /data, /out to the root.
    /// </summary>
    public const string Image = "docker.io/library/volumes:test";

    private const string Fill =
        "mkdir -p /data/sub /logs /empty; echo one > /data/file; ln /data/file /data/hard; ln -s file /data/soft; ln -s /data /link; "
        + "ln -s / /out; cp /bin/busybox /data/suid; chown 1000:1000 /data /data/file; chown 5:6 /data/suid; chmod 4755 /data/suid; "
        + "chmod 1777 /data/sub; chmod 0750 /data; echo deep > /data/sub/deep; mkfifo /data/pipe; "
        + "touch -d @1000000000 /data/sub /data/file; touch -d @1100000000 /data; echo ready; sleep 1000";

    // Daemons of this machine share the state of the runtime, and the namespace is the same.
    private readonly string _fill = PrivateDaemon.Unique("fill");

    public PrivateDaemon Daemon { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Daemon = await PrivateDaemon.StartAsync();
        var folder = Directory.CreateTempSubdirectory("containerd-volumes-").FullName;
        using var engine = Open("default");
        engine.Require($"$null = Import-CtrImage '{await TestImages.BusyboxTarAsync()}'");
        var pid = engine.Require<CtrTask>($"New-CtrContainer {_fill} -Image {TestImages.Busybox} -- sh -c '{Fill}' | Start-CtrTask").Pid;
        var file = $"/proc/{pid}/root/data/sub/deep";
        await Eventually.TrueAsync(() => File.Exists($"/proc/{pid}/root/data/pipe") && File.Exists(file));
        SetAttribute(file, "security.capability", Capability);
        await Eventually.TrueAsync(() =>
            Directory.GetLastWriteTimeUtc($"/proc/{pid}/root/data") == DateTime.UnixEpoch.AddSeconds(1100000000)
        );
        engine.Require(
            $"$null = New-CtrImage {_fill} base:1; Remove-CtrContainer {_fill} -Force; $null = Export-CtrImage base:1 '{folder}/base.tar'"
        );
        var changed = await ChangedImage.MakeAsync(
            folder,
            Image,
            config => config["Volumes"] = new JsonObject { ["/data"] = new JsonObject(), ["/logs/"] = new JsonObject() },
            Path.Combine(folder, "base.tar")
        );
        engine.Require($"$null = Import-CtrImage '{changed}'");
        Directory.Delete(folder, recursive: true);
    }

    public ValueTask DisposeAsync() => Daemon.DisposeAsync();

    /// <summary>A shell with a session on the daemon.</summary>
    public Engine Open(string containerdNamespace)
    {
        var engine = new Engine();
        engine.Require($"$null = Connect-CtrSession {Daemon.Address} -Namespace {containerdNamespace}");
        return engine;
    }

    /// <summary>The capability net_bind_service: the only extended attribute that containerd packs into layers.</summary>
    internal const string Capability = "0100000200040000000000000000000000000000";

    internal static string? Attribute(string file, string name)
    {
        using var handle = LibcMounts.Open(file, LibcMounts.O_RDONLY, out _);
        return handle is null || LibcFiles.GetAttribute(handle, Encoding.ASCII.GetBytes(name)) is not { } value
            ? null
            : Convert.ToHexString(value);
    }

    internal static void SetAttribute(string file, string name, string value)
    {
        using var handle = LibcMounts.Open(file, LibcMounts.O_RDONLY, out _);
        Assert.Equal(0, LibcFiles.SetAttribute(handle!, Encoding.ASCII.GetBytes(name), Convert.FromHexString(value)));
    }
}

namespace Containerd.Testing;

/// <summary>The images that tests run: made on this machine, the same bytes each time.</summary>
public static class TestImages
{
    /// <summary>The name of the busybox image.</summary>
    public const string Busybox = "docker.io/library/busybox:test";

    private static readonly Lazy<Task<string>> BusyboxTar = new(async () =>
    {
        var tar = Path.Combine(Directory.CreateTempSubdirectory("containerd-image-").FullName, "busybox.tar");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Path.GetDirectoryName(tar)!, recursive: true);
        await Shell.RunAsync(Repository.Fixture("make-image.sh"), tar, Busybox);
        return tar;
    });

    /// <summary>An OCI layout in a tar: busybox, with a user <c>app</c> (1000:1000) and <c>sh</c> as its command.</summary>
    public static Task<string> BusyboxTarAsync() => BusyboxTar.Value;
}

using Containerd.Client.Workloads.Checkpoints;

namespace Containerd.Client.Tests.Checkpoints;

/// <summary>Which files of the host a checkpoint can have read as a configuration of CRIU.</summary>
public sealed class CriuOptionsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-criu-").FullName;

    private string HostFolder => Path.Combine(_folder, "criu");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_checkpoint_from_another_daemon_can_only_name_files_of_the_host_s_configuration()
    {
        Directory.CreateDirectory(HostFolder);
        var secret = Write("secret", "secret\n");
        Write("criu/own.conf", "file-locks\n");
        Write("criu/runc.conf", "usual\n");

        Assert.Equal(["tcp-established", "file-locks"], Annotated($"{HostFolder}/own.conf", trusted: false));
        Assert.Equal(["tcp-established", "usual"], Annotated(null, trusted: false));
        Assert.Equal(["tcp-established"], Annotated($"{HostFolder}/none", trusted: false));
        foreach (var named in new[] { secret, $"{HostFolder}/../secret", "/proc/self/environ", "criu/own.conf", "" })
        {
            var error = Assert.Throws<CtrArgumentException>(() => Annotated(named, trusted: false));
            Assert.Equal(ErrorIds.CriuConfigNotAllowed, error.ErrorId);
            Assert.DoesNotContain(Directory.GetFiles(_folder), file => Path.GetFileName(file) == "criu.conf");
        }
    }

    [Fact]
    public void A_checkpoint_of_this_daemon_can_name_any_file_of_a_reasonable_size()
    {
        Assert.Equal(["tcp-established", "file-locks"], Annotated(Write("mine", "file-locks\n"), trusted: true));
        Assert.Equal(
            ErrorIds.CriuConfigNotAllowed,
            Assert.Throws<CtrArgumentException>(() => Annotated(Write("large", new string('x', 70_000)), trusted: true)).ErrorId
        );
    }

    private string[] Annotated(string? named, bool trusted)
    {
        var annotations = named is null ? null : new CtrMap { ["org.criu.config"] = named };
        var written = CriuOptions.Annotate(
            annotations,
            new CheckpointManifest { Needs = ["tcp-established", "nonsense"] },
            _folder,
            trusted,
            HostFolder
        )["org.criu.config"];
        var lines = File.ReadAllLines(written);
        File.Delete(written);
        return lines;
    }

    private string Write(string name, string text)
    {
        var file = Path.Combine(_folder, name);
        File.WriteAllText(file, text);
        return file;
    }
}

using Containerd.PowerShell.Tests.Lifecycle;

namespace Containerd.PowerShell.Tests.Container;

/// <summary>Get-CtrContainer -Detailed: the settings of a container, typed, with its task and the files of its output.</summary>
public sealed class ContainerDetailTests(DaemonFixtures fixtures) : LifecycleTest(fixtures)
{
    [Fact]
    public void The_details_are_what_was_asked_for()
    {
        var folder = Directory.CreateTempSubdirectory("ctr-detail-").FullName;
        try
        {
            var options =
                $"-Env A=b=c,EMPTY= -WorkingDirectory /tmp -User 7:8 -Hostname web -Memory 64m -Cpu 0.5 -PidsLimit 50 -ReadOnly "
                + $"-Volume {folder}:/data:ro -Mount 'type=tmpfs,target=/scratch' -Sysctl net.ipv4.ip_unprivileged_port_start=80";
            Engine.Require($"$null = New-CtrContainer {Id} -Image {Busybox} {options} -- sleep 1000");
            var idle = Details();
            Assert.Null(idle.Pid);
            Assert.Null(idle.Task);
            Assert.Empty(idle.LogPath);
            Assert.Equal(("7:8", "/tmp", "web"), (idle.User, idle.WorkingDirectory, idle.Hostname));
            Assert.Equal(("b=c", ""), (idle.Environment["A"], idle.Environment["EMPTY"]));
            Assert.Equal((64L << 20, 0.5, 50L), (idle.MemoryLimit, idle.Cpu, idle.PidsLimit));
            Assert.True(idle.ReadOnly);
            Assert.True(idle.Seccomp);
            Assert.Equal("private", idle.Namespaces["pid"]);
            Assert.Equal("80", idle.Sysctls["net.ipv4.ip_unprivileged_port_start"]);
            Assert.Contains("CAP_CHOWN", idle.Capabilities);
            Assert.Equal(
                [$"{folder}:/data:ro", "tmpfs:/scratch"],
                idle.Mounts.Where(m => m.Type is not "bind" || m.Source == folder).Select(m => $"{m}").Order(StringComparer.Ordinal)
            );
            Assert.Equal(Engine.Require<CtrImage>($"Get-CtrImage {Busybox}").Digest, idle.ImageDigest);

            var task = Engine.Require<CtrTask>($"Start-CtrTask {Id}");
            var running = Details();
            Assert.Equal(task.Pid, running.Pid);
            Assert.Equal(CtrStatus.Running, running.Task!.Status);
            Assert.NotEmpty(running.LogPath);
            Assert.All(running.LogPath, path => Assert.True(File.Exists(path), path));
            var shown = Engine.Display($"Get-CtrContainer {Id} -Detailed");
            Assert.Matches(@"MemoryLimit +: 64", shown);
            Assert.Matches($@"Pid +: {task.Pid}\b", shown);
            Assert.Null(Engine.Require<CtrContainer>($"Get-CtrContainer {Id}").Details);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_container_of_another_client_without_a_spec_or_an_image_has_details_too()
    {
        // A spec of another client may leave out everything.
        Engine.Require($"$null = New-CtrContainer {Id} -Rootfs / -Spec @{{ process = @{{ args = 'true' }} }}");
        var details = Details();
        Assert.Equal(("", "", 0), (details.ImageDigest, details.User, details.Mounts.Length));
        Assert.Null(details.MemoryLimit);
    }

    private CtrContainerDetails Details() => Engine.Require<CtrContainer>($"Get-CtrContainer {Id} -Detailed").Details!;
}

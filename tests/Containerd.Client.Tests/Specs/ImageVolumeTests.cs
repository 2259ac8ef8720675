using Containerd.Client.Workloads.Volumes;

namespace Containerd.Client.Tests.Specs;

/// <summary>The volumes that an image declares.</summary>
public sealed class ImageVolumeTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/data/..")]
    [InlineData("/dev")]
    [InlineData("/sys/")]
    [InlineData("//proc")]
    [InlineData("/proc/self")]
    public void A_volume_that_would_hide_files_of_the_system_is_rejected_unless_something_is_mounted_there(string path)
    {
        var error = Assert.Throws<CtrArgumentException>(() => ImageVolumes.Of(Config(path), "docker.io/library/odd:1", []));
        Assert.Equal((ErrorIds.InvalidMount, "ImageVolume", path), (error.ErrorId, error.RemedyId, error.Subject));
        Assert.Contains("docker.io/library/odd:1", error.Message, StringComparison.Ordinal);
        Assert.Empty(ImageVolumes.Of(Config(path), "odd", [new CtrMount { Type = "tmpfs", Target = path }]));
    }

    [Theory]
    [InlineData("/dev/shm")]
    [InlineData("/sys/fs/cgroup")]
    [InlineData("/processes")]
    public void Other_volumes_are_anonymous(string path)
    {
        var mount = Assert.Single(ImageVolumes.Of(Config(path), "odd", []));
        Assert.Equal(("volume", "", path), (mount.Type, mount.Source, mount.Target));
    }

    private static ImageConfig Config(string path) => new() { OperatingSystem = "linux", Volumes = [path] };
}

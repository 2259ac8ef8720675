using Containerd.Client.Transport.Ssh;
using Containerd.Host;

namespace Containerd.Client.Tests.Sessions;

/// <summary>The answer of an SSH host about its cgroups, which may be among other output of a login.</summary>
public sealed class SshHostProbeTests
{
    [Theory]
    [InlineData("cgroup-file-system=63677270\n", CgroupVersion.V2)]
    [InlineData("cgroup-file-system=1021994\n", CgroupVersion.V1)]
    [InlineData("cgroup-file-system=27e0eb\r\n", CgroupVersion.V1)]
    [InlineData("Welcome!\ncgroup-file-system=63677270\nBye\n", CgroupVersion.V2)]
    [InlineData("cgroup-file-system=ef53\n", CgroupVersion.Unknown)]
    [InlineData("This account is currently not available.\n", CgroupVersion.Unknown)]
    [InlineData("", CgroupVersion.Unknown)]
    public void The_version_is_that_of_the_type_of_the_file_system(string output, CgroupVersion expected) =>
        Assert.Equal(expected, SshHostProbe.Read(output));
}

using Containerd.Host.Networks.Files;

namespace Containerd.Client.Tests.Networks;

public sealed class ResolvConfTests
{
    [Theory]
    [InlineData("nameserver 10.0.0.2\n", true, "nameserver 10.0.0.2\n")]
    [InlineData(
        "# comment\nnameserver 127.0.0.1\nnameserver 10.0.0.2 # more\nsearch a b\ndomain c\n",
        true,
        "search c\nnameserver 10.0.0.2\n"
    )]
    [InlineData(
        "nameserver ::1\nnameserver fd00::53\noptions ndots:1\noptions rotate",
        true,
        "nameserver fd00::53\noptions ndots:1 rotate\n"
    )]
    [InlineData("nameserver fd00::53\nnameserver 10.0.0.2", false, "nameserver 10.0.0.2\n")]
    [InlineData("nameserver fe80::1%eth0\nnameserver nonsense\n", true, "")]
    [InlineData("", true, "")]
    public void A_container_gets_the_servers_of_the_host_that_it_can_reach(string host, bool hasV6, string expected) =>
        Assert.Equal(expected, ResolvConf.Parse(host).ForContainer(hasV6).Write());

    [Fact]
    public void Behind_systemd_resolved_its_own_servers_are_taken()
    {
        var root = Directory.CreateTempSubdirectory();
        try
        {
            Directory.CreateDirectory(Path.Combine(root.FullName, "etc"));
            Directory.CreateDirectory(Path.Combine(root.FullName, "run/systemd/resolve"));
            Assert.Empty(ResolvConf.OfHost(root.FullName).Servers);
            File.WriteAllText(Path.Combine(root.FullName, "etc/resolv.conf"), "nameserver 127.0.0.53\nsearch example.test\n");
            File.WriteAllText(Path.Combine(root.FullName, "run/systemd/resolve/resolv.conf"), "nameserver 192.0.2.1\n");
            Assert.Equal(["192.0.2.1"], ResolvConf.OfHost(root.FullName).Servers);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }
}

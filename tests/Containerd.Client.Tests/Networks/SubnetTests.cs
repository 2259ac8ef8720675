using System.Net;
using Containerd.Host.Networks.Subnets;

namespace Containerd.Client.Tests.Networks;

public sealed class SubnetTests
{
    private const string Trie = """
        Main:
          +-- 0.0.0.0/0 3 0 5
             |-- 0.0.0.0
                /0 universe UNICAST
             +-- 10.4.1.0/24 2 0 2
                |-- 10.4.1.0
                   /24 link UNICAST
                |-- 10.4.1.255
                   /32 link BROADCAST
             |-- 172.30.0.0
                /16 universe UNICAST
        Local:
          +-- 0.0.0.0/0 3 0 5
             |-- 127.0.0.1
                /32 host LOCAL
             |-- 192.168.9.1
                /32 host LOCAL
        """;

    [Theory]
    [InlineData("10.4.0.0/24", "10.4.0.0/24", "10.4.0.1", "10.4.0.254")]
    [InlineData("10.4.0.77/24", "10.4.0.0/24", "10.4.0.1", "10.4.0.254")]
    [InlineData("10.0.0.6/31", "10.0.0.6/31", "10.0.0.6", "10.0.0.7")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0", "0.0.0.1", "255.255.255.254")]
    [InlineData("fd00:1::7/64", "fd00:1::/64", "fd00:1::1", "fd00:1::ffff:ffff:ffff:ffff")]
    [InlineData("::/0", "::/0", "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    public void A_subnet_is_read_with_its_first_and_last_host(string text, string subnet, string first, string last)
    {
        var read = IpSubnet.TryParse(text)!.Value;
        Assert.Equal((subnet, first, last), (read.ToString(), read.FirstHost.ToString(), read.LastHost.ToString()));
    }

    [Theory]
    [InlineData("10.4.0.0")]
    [InlineData("10.4.0.0/33")]
    [InlineData("10.4/16")]
    [InlineData("10.4.0.0/24/8")]
    [InlineData("fd00::/129")]
    [InlineData("/24")]
    public void Other_texts_are_not_subnets(string text) => Assert.Null(IpSubnet.TryParse(text));

    [Theory]
    [InlineData("10.4.0.0/16", "10.4.7.0/24", true)]
    [InlineData("10.4.7.0/24", "10.4.0.0/16", true)]
    [InlineData("10.4.0.0/24", "10.4.1.0/24", false)]
    [InlineData("0.0.0.0/0", "fd00::/8", false)]
    [InlineData("fd00::/8", "fd12::/64", true)]
    public void Overlaps_are_found_in_either_order(string first, string second, bool overlap)
    {
        Assert.Equal(overlap, IpSubnet.TryParse(first)!.Value.Overlaps(IpSubnet.TryParse(second)!.Value));
        Assert.Equal(overlap, IpSubnet.TryParse(second)!.Value.Overlaps(IpSubnet.TryParse(first)!.Value));
    }

    [Theory]
    [InlineData("10.4.0.1", true)]
    [InlineData("10.4.0.0", false)]
    [InlineData("10.4.0.255", false)]
    [InlineData("10.4.1.1", false)]
    [InlineData("fd00::1", false)]
    public void The_own_and_the_broadcast_address_are_no_hosts(string address, bool isHost) =>
        Assert.Equal(isHost, SubnetAllocator.Default.IsHost(IPAddress.Parse(address)));

    [Fact]
    public void The_subnets_of_interfaces_and_routes_are_found()
    {
        Assert.Equal(["10.4.1.0/24", "172.30.0.0/16", "192.168.9.1/32"], HostSubnets.V4(Trie).Select(used => used.Subnet.ToString()));
        Assert.Equal(
            ["fd12:3456::/64"],
            HostSubnets
                .V6(
                    """
                    fd123456000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 1 0 1 eth0
                    fe800000000000000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000 00000100 1 0 1 eth0
                    00000000000000000000000000000001 80 00000000000000000000000000000000 00 00000000000000000000000000000000 00000000 2 0 80200001 lo
                    00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 1 0 200200 lo
                    """
                )
                .Select(used => used.Subnet.ToString())
        );
        // This process's own, which exist on any machine.
        Assert.NotNull(HostSubnets.Of(Environment.ProcessId));
    }

    [Theory]
    [InlineData("""{ "bip": "172.26.0.1/16", "default-address-pools": [ { "base": "10.4.0.0/16", "size": 24 } ] }""", 2)]
    [InlineData("""[ "bip" ]""", 0)]
    [InlineData("""{ "bip": 5, "default-address-pools": [ 1, { } ] }""", 0)]
    [InlineData("no JSON", 0)]
    public void The_subnets_of_Docker_are_read_from_its_configuration(string config, int count)
    {
        var root = Directory.CreateTempSubdirectory();
        try
        {
            Directory.CreateDirectory(Path.Combine(root.FullName, "etc/docker"));
            Assert.Empty(HostSubnets.OfDocker(root.FullName));
            File.WriteAllText(Path.Combine(root.FullName, "etc/docker/daemon.json"), config);
            Assert.Equal(count, HostSubnets.OfDocker(root.FullName).Count);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_new_subnet_overlaps_none_that_is_in_use()
    {
        var free = new SubnetAllocator([]);
        Assert.Equal("10.4.0.0/24", free.FindV4(SubnetAllocator.Default).ToString());
        var used = new SubnetAllocator([.. HostSubnets.V4(Trie), Use("10.4.0.128/25"), Use("10.4.2.0/23"), Use("fd00::/8")]);
        Assert.Equal("10.4.4.0/24", used.FindV4(SubnetAllocator.Default).ToString());
        Assert.Equal("10.5.0.0/24", new SubnetAllocator([Use("10.4.0.0/16")]).FindV4(SubnetAllocator.Default).ToString());
        Assert.Null(new SubnetAllocator([Use("10.0.0.0/8")]).FindV4(SubnetAllocator.Default));
        Assert.Equal("10.4.0.128/25", used.FindUser(SubnetAllocator.Default)!.Subnet.ToString());

        var (first, second) = (free.FindV6(), free.FindV6());
        Assert.Null(used.FindV6());
        Assert.NotEqual(first, second);
        Assert.StartsWith("fd", first.ToString()!, StringComparison.Ordinal);
        Assert.EndsWith("::/64", first.ToString()!, StringComparison.Ordinal);

        static UsedSubnet Use(string text) => new(IpSubnet.TryParse(text)!.Value, "a test");
    }
}

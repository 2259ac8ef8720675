namespace Containerd.Client.Tests.Networks;

public sealed class PortMappingTests
{
    [Theory]
    [InlineData("80", "", 0, 80, 1, "tcp", "80/tcp")]
    [InlineData("8080:80", "", 8080, 80, 1, "tcp", "8080:80/tcp")]
    [InlineData(":80", "", 0, 80, 1, "tcp", "80/tcp")]
    [InlineData(" 53:53/UDP ", "", 53, 53, 1, "udp", "53:53/udp")]
    [InlineData("127.0.0.1:8080:80/tcp", "127.0.0.1", 8080, 80, 1, "tcp", "127.0.0.1:8080:80/tcp")]
    [InlineData("127.0.0.1::80", "127.0.0.1", 0, 80, 1, "tcp", "127.0.0.1::80/tcp")]
    [InlineData("8000-8009:80-89/sctp", "", 8000, 80, 10, "sctp", "8000-8009:80-89/sctp")]
    [InlineData("80-89", "", 0, 80, 10, "tcp", "80-89/tcp")]
    [InlineData("[2001:db8::1]:8080:80", "2001:db8::1", 8080, 80, 1, "tcp", "[2001:db8::1]:8080:80/tcp")]
    [InlineData("[::]::80", "::", 0, 80, 1, "tcp", "[::]::80/tcp")]
    [InlineData("65535:65535", "", 65535, 65535, 1, "tcp", "65535:65535/tcp")]
    public void Mappings_are_read_and_written(
        string text,
        string address,
        int host,
        int container,
        int count,
        string protocol,
        string shown
    )
    {
        foreach (var mapping in new[] { CtrPortMapping.Parse(text), CtrPortMapping.Parse(shown) })
        {
            Assert.Equal(
                (address, host, container, count, protocol, shown),
                (mapping.HostAddress, mapping.HostPort, mapping.ContainerPort, mapping.Count, mapping.Protocol, mapping.ToString())
            );
        }
    }

    [Theory]
    [InlineData("", "lacks a port of the container")]
    [InlineData("8080:", "lacks a port of the container")]
    [InlineData("0:80", "'0'")]
    [InlineData("80:65536", "'65536'")]
    [InlineData("-1:80", "lacks a port")]
    [InlineData("http", "'http'")]
    [InlineData("80/icmp", "'icmp'")]
    [InlineData("8000-8009:80", "10 ports of the host for 1")]
    [InlineData("89-80", "ends before it begins")]
    [InlineData("65530-65536:1-7", "'65536'")]
    [InlineData("localhost:8080:80", "'localhost'")]
    [InlineData("127.1:8080:80", "'127.1'")]
    [InlineData("1:2:3:4", "too many parts")]
    [InlineData("::1:8080:80", "too many parts")]
    [InlineData("[::1]:8080:80", "loopback")]
    [InlineData("[::1]", "no ports")]
    [InlineData("[fe80::1%eth0]:80:80", "not an IP address")]
    public void An_invalid_mapping_is_rejected_with_the_reason(string text, string reason)
    {
        var error = Assert.Throws<CtrArgumentException>(() => CtrPortMapping.Parse(text));
        Assert.Equal((ErrorIds.InvalidPortMapping, text), (error.ErrorId, error.Subject));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_is_a_port_of_the_container()
    {
        Assert.Equal("80/tcp", new CtrPortMapping(80).ToString());
        Assert.Equal(ErrorIds.InvalidPortMapping, Assert.Throws<CtrArgumentException>(() => new CtrPortMapping(65536)).ErrorId);
        Assert.Throws<CtrArgumentException>(() => new CtrPortMapping { ContainerPort = 65000, Count = 1000 }.Validate());
        Assert.Throws<CtrArgumentException>(() =>
            new CtrPortMapping
            {
                ContainerPort = 1,
                HostPort = 65535,
                Count = 2,
            }.Validate()
        );
    }
}

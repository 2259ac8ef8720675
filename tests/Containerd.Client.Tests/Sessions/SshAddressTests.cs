namespace Containerd.Client.Tests.Sessions;

public sealed class SshAddressTests
{
    [Theory]
    [InlineData("ssh://host", null, "host", null, "/run/containerd/containerd.sock", "ssh://host")]
    [InlineData("ssh://host/", null, "host", null, "/run/containerd/containerd.sock", "ssh://host")]
    [InlineData("SSH://host", null, "host", null, "/run/containerd/containerd.sock", "ssh://host")]
    [InlineData("ssh://root@host", "root", "host", null, "/run/containerd/containerd.sock", "ssh://root@host")]
    [InlineData("ssh://root@host:2222", "root", "host", 2222, "/run/containerd/containerd.sock", "ssh://root@host:2222")]
    [InlineData(
        "ssh://root@host:22/run/k3s/containerd/containerd.sock",
        "root",
        "host",
        22,
        "/run/k3s/containerd/containerd.sock",
        "ssh://root@host:22/run/k3s/containerd/containerd.sock"
    )]
    [InlineData("ssh://host/run/containerd/containerd.sock", null, "host", null, "/run/containerd/containerd.sock", "ssh://host")]
    [InlineData(
        "ssh://me@corp.example@web-1.example.com",
        "me@corp.example",
        "web-1.example.com",
        null,
        "/run/containerd/containerd.sock",
        "ssh://me@corp.example@web-1.example.com"
    )]
    [InlineData(@"ssh://CORP\me@host", @"CORP\me", "host", null, "/run/containerd/containerd.sock", @"ssh://CORP\me@host")]
    [InlineData("ssh://my_alias", null, "my_alias", null, "/run/containerd/containerd.sock", "ssh://my_alias")]
    [InlineData("ssh://10.0.0.1:1", null, "10.0.0.1", 1, "/run/containerd/containerd.sock", "ssh://10.0.0.1:1")]
    [InlineData("ssh://[2001:db8::1]", null, "2001:db8::1", null, "/run/containerd/containerd.sock", "ssh://[2001:db8::1]")]
    [InlineData(
        "ssh://root@[fe80::1%eth0]:65535/a.sock",
        "root",
        "fe80::1%eth0",
        65535,
        "/a.sock",
        "ssh://root@[fe80::1%eth0]:65535/a.sock"
    )]
    public void An_address_is_parsed_and_formatted(string text, string? user, string host, int? port, string path, string written)
    {
        var address = ContainerdAddress.Parse(text);
        Assert.Equal(("ssh", user, host, port, path), (address.Scheme, address.User, address.Host, address.Port, address.Path));
        Assert.False(address.IsLocal);
        Assert.Equal(written, address.ToString());
        Assert.Equal(address, ContainerdAddress.Parse(written));
    }

    [Theory]
    [InlineData("ssh://")]
    [InlineData("ssh:///run/containerd/containerd.sock")]
    [InlineData("ssh://@host")]
    [InlineData("ssh://root@")]
    [InlineData("ssh://-oProxyCommand=x")]
    [InlineData("ssh://root@-oProxyCommand=x")]
    [InlineData("ssh://-lroot@host")]
    [InlineData("ssh://.host")]
    [InlineData("ssh://ho st")]
    [InlineData("ssh://host;id")]
    [InlineData("ssh://$(id)")]
    [InlineData("ssh://`id`@host")]
    [InlineData("ssh://ro'ot@host")]
    [InlineData("ssh://a%40b@host")]
    [InlineData(@"ssh://me\@host")]
    [InlineData("ssh://ro\not@host")]
    [InlineData("ssh://host\0")]
    [InlineData("ssh://hôst")]
    [InlineData("ssh://host:")]
    [InlineData("ssh://host:0")]
    [InlineData("ssh://host:65536")]
    [InlineData("ssh://host:-1")]
    [InlineData("ssh://host:2a")]
    [InlineData("ssh://host:99999999999")]
    [InlineData("ssh://2001:db8::1")]
    [InlineData("ssh://[2001:db8::1")]
    [InlineData("ssh://[2001:db8::1]x")]
    [InlineData("ssh://[2001:db8::1]:")]
    [InlineData("ssh://[host]")]
    [InlineData("ssh://[::g]")]
    [InlineData("ssh://[fe80::1%]")]
    [InlineData("ssh://[fe80::1%$(id)]")]
    [InlineData("ssh://host/a:b")]
    [InlineData("ssh://host/a%20b")]
    [InlineData("ssh://host/${HOME}")]
    [InlineData("ssh://host/a b")]
    [InlineData("ssh://host/a?b")]
    [InlineData("ssh://host/run/")]
    [InlineData("ssh://host//")]
    public void Values_that_ssh_could_misinterpret_are_rejected(string text)
    {
        var error = Assert.Throws<CtrArgumentException>(() => ContainerdAddress.Parse(text));
        Assert.Equal(ErrorIds.InvalidAddress, error.ErrorId);
        Assert.NotNull(error.Remedy);
    }

    [Fact]
    public void A_remote_sockets_path_has_107_bytes_at_most()
    {
        Assert.Equal(107, ContainerdAddress.Parse("ssh://host/" + new string('a', 106)).Path.Length);
        Assert.Throws<CtrArgumentException>(() => ContainerdAddress.Parse("ssh://host/" + new string('a', 107)));
    }

    [Theory]
    [InlineData("host", null, null, null, "ssh://host")]
    [InlineData("root@host", null, 2222, null, "ssh://root@host:2222")]
    [InlineData("host:2222", "root", null, "/a.sock", "ssh://root@host:2222/a.sock")]
    [InlineData("2001:db8::1", "root", 22, null, "ssh://root@[2001:db8::1]:22")]
    [InlineData("[2001:db8::1]:22", null, null, "unix:///a.sock", "ssh://[2001:db8::1]:22/a.sock")]
    public void A_host_and_its_options_make_an_address(string host, string? user, int? port, string? socket, string written) =>
        Assert.Equal(written, ContainerdAddress.Ssh(host, user, port, socket).ToString());

    [Theory]
    [InlineData("root@host", "root", null, null)]
    [InlineData("host:22", null, 22, null)]
    [InlineData("-oProxyCommand=x", null, null, null)]
    [InlineData("host", "-oProxyCommand=x", null, null)]
    [InlineData("host", null, 0, null)]
    [InlineData("host", null, null, "run/relative.sock")]
    [InlineData("host", null, null, "http://other")]
    [InlineData("host", null, null, "ssh://other")]
    public void An_invalid_part_is_rejected(string host, string? user, int? port, string? socket) =>
        Assert.Equal(
            ErrorIds.InvalidAddress,
            Assert.Throws<CtrArgumentException>(() => ContainerdAddress.Ssh(host, user, port, socket)).ErrorId
        );
}

using System.Text.Json.Nodes;
using Containerd.Client.Workloads.Networks;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Tests.Networks;

/// <summary>The request in a spec, which anyone who can create containers can write.</summary>
public sealed class NetworkRequestTests
{
    private static NetworkRequest Valid =>
        new()
        {
            Namespace = "default",
            Container = "web",
            Name = "shop",
            Attachment = NetworkFolders.AttachmentId("default", "web", null),
            Networks =
            [
                new()
                {
                    Name = "front",
                    Interface = "eth0",
                    Addresses = ["10.4.0.5"],
                    Mac = "02:00:00:00:00:01",
                    Aliases = ["db"],
                },
            ],
            Ports =
            [
                new()
                {
                    HostAddress = "127.0.0.1",
                    HostPort = 8080,
                    ContainerPort = 80,
                },
            ],
            Hosts = [new() { Name = "host", Address = RequestedHost.Gateway }],
            Dns = new()
            {
                Servers = ["10.0.0.2"],
                Search = ["example.test"],
                Options = ["ndots:1"],
            },
            Files = new() { Hosts = "/var/lib/x/hosts" },
            Folders = NetworkFolders.OfMachine("d0b1", "default"),
        };

    [Fact]
    public void A_request_survives_its_annotation()
    {
        var json = Valid.Write();
        var read = NetworkRequest.Read(json);
        Assert.Equal(json, read.Write());
        Assert.Equal("default-web", read.Attachment);
        Assert.Equal("/run/containerd-powershell/networks/d0b1/netns/default-web", read.Folders.PinOf(read.Attachment));
    }

    [Theory]
    [InlineData("$.container", "../web")]
    [InlineData("$.container", null)]
    [InlineData("$.attachment", "default-other")]
    [InlineData("$.attachment", "default-web/../x")]
    [InlineData("$.networks[0].name", "..")]
    [InlineData("$.networks[0].interface", "a/b")]
    [InlineData("$.networks[0].interface", "abcdefghijklmnop")]
    [InlineData("$.networks[0].interface", "lo")]
    [InlineData("$.networks[0].mac", "x")]
    [InlineData("$.networks[0].addresses[0]", "10.4.0.5;K8S=1")]
    [InlineData("$.networks[0].addresses[0]", "10.4")]
    [InlineData("$.networks[0].aliases[0]", "a b")]
    [InlineData("$.networks[0].aliases[0]", "a\n1.2.3.4 bank")]
    [InlineData("$.ports[0].protocol", "icmp")]
    [InlineData("$.ports[0].hostAddress", "localhost")]
    [InlineData("$.hosts[0].address", "10.0.0.1\n10.0.0.2")]
    [InlineData("$.hosts[0].name", "")]
    [InlineData("$.dns.servers[0]", "10.0.0.2\n10.0.0.3 x")]
    [InlineData("$.dns.servers[0]", "10.0.0.2,10.0.0.3")]
    [InlineData("$.dns.servers[0]", "fe80::1%eth0")]
    [InlineData("$.dns.servers[0]", null)]
    [InlineData("$.dns.search[0]", "a b")]
    [InlineData("$.dns.options[0]", "")]
    [InlineData("$.name", "a b")]
    [InlineData("$.files.hosts", "/etc/../etc/passwd")]
    [InlineData("$.files.hosts", "hosts")]
    [InlineData("$.files.hosts", "/etc/shadow")]
    [InlineData("$.folders.state", "")]
    [InlineData("$.folders.cache", "/a//b")]
    [InlineData("$.folders.plugins[0]", "bin")]
    public void Each_text_is_checked(string path, string? value)
    {
        var root = JsonNode.Parse(Valid.Write())!;
        var node = root;
        var steps = path[2..].Replace("[", ".[", StringComparison.Ordinal).Split('.');
        foreach (var step in steps[..^1])
            node = step[0] == '[' ? node[int.Parse(step[1..^1], System.Globalization.CultureInfo.InvariantCulture)]! : node[step]!;
        if (steps[^1][0] == '[')
            node[0] = value;
        else
            node[steps[^1]] = value;
        Assert.Equal(
            ErrorIds.NetworkRequestInvalid,
            Assert.Throws<CtrDataException>(() => NetworkRequest.Read(root.ToJsonString())).ErrorId
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"schema":0}""")]
    [InlineData("""{"schema":1,"networks":null}""")]
    [InlineData("""{"schema":1,"networks":7}""")]
    public void Other_text_is_refused(string json) =>
        Assert.Equal(ErrorIds.NetworkRequestInvalid, Assert.Throws<CtrDataException>(() => NetworkRequest.Read(json)).ErrorId);

    [Theory]
    [InlineData("""{"schema":2}""")]
    [InlineData("""{"schema":9,"networks":7}""")]
    public void A_request_of_a_newer_version_is_recognized_whatever_its_form_is(string json) =>
        Assert.Equal(ErrorIds.NetworkRequestTooNew, Assert.Throws<CtrNotSupportedException>(() => NetworkRequest.Read(json)).ErrorId);

    [Fact]
    public void Name_servers_have_their_usual_form()
    {
        var json = Valid.Write().Replace("10.0.0.2", "[2001:DB8:0::1]", StringComparison.Ordinal);
        Assert.Equal(["2001:db8::1"], NetworkRequest.Read(json).Dns!.Servers);
        var options = new ContainerNetworkOptions { Networks = ["front"], DnsServers = ["[2001:DB8::1]", "10.0.0.2"] };
        Assert.Equal(["2001:db8::1", "10.0.0.2"], NetworkChoice.Of(options, hostNetwork: false).Options.DnsServers);
    }

    [Fact]
    public void A_port_cannot_be_published_twice()
    {
        var port = new RequestedPort { HostPort = 80, ContainerPort = 80 };
        Assert.Throws<CtrDataException>(() => (Valid with { Ports = [port, port with { ContainerPort = 81 }] }).Write());
        _ = (Valid with { Ports = [port, port with { Protocol = "udp" }] }).Write();
    }

    [Fact]
    public void Daemons_have_different_attachment_ids()
    {
        Assert.Equal("ns-web", NetworkFolders.AttachmentId("ns", "web", null));
        var one = NetworkFolders.AttachmentId("ns", "web", "one");
        Assert.Matches("^ns-web-[0-9a-f]{8}$", one);
        Assert.NotEqual(one, NetworkFolders.AttachmentId("ns", "web", "two"));
    }

    [Theory]
    [InlineData("error running hook #0: exit status 1, stdout: {0}, stderr: : unknown")]
    [InlineData(
        "OCI runtime create failed: runc create failed: error running createRuntime hook #0: exit status 1, stdout: {0}\n, stderr: "
    )]
    public void A_failure_is_found_in_the_error_of_a_runtime(string text)
    {
        var failure = NetworkFailure.Of(
            new CtrConflictException("The port 8080/tcp of the host is in use by \"nginx\" \\ 'x'.")
            {
                ErrorId = ErrorIds.PortInUse,
                Subject = "8080/tcp",
                Remedy = "Stop it.",
            }
        );
        var line = System.Text.Encoding.UTF8.GetString(failure.Write());
        Assert.Equal(failure, NetworkFailure.Find(text.Replace("{0}", line, StringComparison.Ordinal)));
        var error = Assert.IsType<CtrConflictException>(failure.ToException(null));
        Assert.Equal((ErrorIds.PortInUse, "8080/tcp", "Stop it."), (error.ErrorId, error.Subject, error.Remedy));
        Assert.Null(NetworkFailure.Find("error running hook #0: exit status 1, stdout: , stderr: "));
    }
}

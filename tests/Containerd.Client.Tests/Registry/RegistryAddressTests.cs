using System.Net;
using System.Net.Sockets;
using System.Text;
using Containerd.Client.Tests.Images;
using Containerd.Oci;
using Containerd.Oci.Images;
using Containerd.Oci.Registry;
using Containerd.Testing;

namespace Containerd.Client.Tests.Registry;

/// <summary>Addresses of registries, and addresses in their answers.</summary>
public sealed class RegistryAddressTests(RegistryFixture fixture) : IClassFixture<RegistryFixture>
{
    [Theory]
    [InlineData("/v2/a/blobs/uploads/1?", "/v2/a/blobs/uploads/1?digest=")]
    [InlineData("/v2/a/blobs/uploads/1", "/v2/a/blobs/uploads/1?digest=")]
    [InlineData("/v2/a/blobs/uploads/1?_state=x%3D", "/v2/a/blobs/uploads/1?_state=x%3D&digest=")]
    [InlineData("/v2/a/blobs/uploads/1?_state=x&", "/v2/a/blobs/uploads/1?_state=x&digest=")]
    [InlineData("/v2/a/blobs/uploads/1#part", "/v2/a/blobs/uploads/1?digest=")]
    [InlineData("/v2/a/blobs/uploads/1?_state=x#part?", "/v2/a/blobs/uploads/1?_state=x&digest=")]
    [InlineData("http://HOST/v2/a/blobs/uploads/1?", "/v2/a/blobs/uploads/1?digest=")]
    [InlineData("http://HOST/v2/a/blobs/uploads/1?_state=x#part", "/v2/a/blobs/uploads/1?_state=x&digest=")]
    [InlineData("//HOST/v2/a/blobs/uploads/1?", "/v2/a/blobs/uploads/1?digest=")]
    [InlineData("1?x", "/v2/a/blobs/uploads/1?x&digest=")]
    public async Task A_blob_is_sent_to_the_location_that_the_registry_returns(string location, string expected)
    {
        ArgumentNullException.ThrowIfNull(location);
        var space = fixture.Space();
        await space.ImportAsync(LayoutBuilder.Small("docker.io/library/small:1"));
        await using var registry = new RegistryProxy();
        registry.Meddle = async request =>
        {
            if (request.Headers.ContainsKey("content-length"))
                await request.BodyAsync();
            return request switch
            {
                { Method: "POST" } => await request.SayAsync(
                    "202 Accepted",
                    $"Location: {location.Replace("HOST", registry.Host, StringComparison.Ordinal)}\r\n"
                ),
                { Method: "PUT" } => await request.SayAsync("201 Created"),
                _ => await request.SayAsync("404 Not Found"),
            };
        };
        await space.Namespace.Images.PushAsync(
            "small:1",
            new ImagePushOptions { Destination = $"{registry.Host}/a:1", Registry = Pulls.Quick },
            null,
            TestContext.Current.CancellationToken
        );
        var sent = registry.Requests.Where(r => r.Method == "PUT" && r.Path.Contains("/blobs/", StringComparison.Ordinal)).ToList();
        Assert.Equal(4, sent.Count);
        Assert.All(sent, r => Assert.StartsWith(expected + "sha256%3A", r.Path, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://a/token", "http://a/token?x=1")]
    [InlineData("http://a/token?", "http://a/token?x=1")]
    [InlineData("http://a/token?b=%20c", "http://a/token?b=%20c&x=1")]
    [InlineData("http://a/token#f", "http://a/token?x=1")]
    [InlineData("http://a", "http://a/?x=1")]
    public void Parameters_are_added_to_what_an_address_has(string address, string expected) =>
        Assert.Equal(expected, RegistryAddress.WithQuery(new Uri(address), "x=1").AbsoluteUri);

    [Fact]
    public async Task A_registry_at_an_IPv6_address_is_pulled_from_and_pushed_to()
    {
        Assert.SkipUnless(HasIPv6(), "This machine has no IPv6 loopback address.");
        var space = fixture.Space();
        await using var proxy = new RegistryProxy(fixture.Registry.Port, IPAddress.IPv6Loopback);
        var repository = await fixture.PutAsync(space, LayoutBuilder.Small("small", Guid.NewGuid().ToString()));
        var host = $"[::1]:{proxy.Port}";

        var image = await space.PullAsync($"{host}/{repository}");
        Assert.Equal($"{host}/{repository}", image.Name);
        Assert.Contains(await space.ContentAsync(sources: true), line =>
            line.Contains("containerd.io/distribution.source.::1=", StringComparison.Ordinal)
        );
        var copy = RegistryFixture.NewRepository();
        var pushed = await space.Namespace.Images.PushAsync(
            image.Name,
            new ImagePushOptions { Destination = $"{host}/{copy}:2", Registry = Pulls.Quick },
            null,
            TestContext.Current.CancellationToken
        );
        Assert.Equal((image.Digest, $"{host}/{copy}:2"), (pushed.Digest, pushed.Destination));
        Assert.Equal(image.Digest, LayoutBuilder.Digest(Encoding.UTF8.GetBytes(await fixture.Registry.InspectAsync(copy + ":2"))));
        await space.AssertWholeAsync();
    }

    [Theory]
    [InlineData("[::1]:5000", "_hosts_[::1]_5000_")]
    [InlineData("[::1]", "_hosts_[::1]")]
    public void The_folder_of_an_IPv6_registry_is_found(string domain, string folder)
    {
        var root = Path.Combine(fixture.NewFolder(), "certs.d");
        var own = Path.Combine(root, folder[7..]);
        Directory.CreateDirectory(own);
        File.WriteAllText(Path.Combine(own, "hosts.toml"), "server = \"http://[::1]:7\"\n");
        var host = Assert.Single(
            RegistryHosts.For(RegistryReference.Parse(domain + "/a:1"), new RegistryOptions { HostsDirectory = root })
        );
        Assert.Equal(("[::1]:7", "http"), (host.Name, host.Scheme));
    }

    private static bool HasIPv6()
    {
        try
        {
            using var listener = new TcpListener(IPAddress.IPv6Loopback, 0);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

using System.Net;
using Containerd.Client.Tests.Images;
using Containerd.Oci;
using Containerd.Testing;

namespace Containerd.Client.Tests.Registry;

/// <summary>Mirrors, as containerd's hosts.toml names them.</summary>
public sealed class PullMirrorTests(RegistryFixture fixture) : IClassFixture<RegistryFixture>
{
    [Fact]
    public async Task A_mirror_is_tried_first_and_gets_the_name_of_the_registry()
    {
        var space = fixture.Space();
        await using var mirror = new RegistryProxy(fixture.Registry.Port);
        var name = await fixture.PutAsync(space, LayoutBuilder.Small("a", Guid.NewGuid().ToString()));
        var options = Hosts(
            space,
            "registry.test",
            $"server = \"http://localhost:{TestRegistry.FreePort()}\"\n[host.\"http://{mirror.Host}\"]\ncapabilities = [\"pull\", \"resolve\"]\n[host.\"http://{mirror.Host}\".header]\nx-team = [\"blue\"]\n"
        );

        var image = await space.PullAsync($"registry.test/{name}", options);

        Assert.Equal($"registry.test/{name}", image.Name);
        Assert.All(mirror.Requests, r => Assert.Contains("ns=registry.test", r.Path, StringComparison.Ordinal));
        Assert.All(mirror.Requests, r => Assert.Equal("blue", r.Headers["x-team"]));
        Assert.Contains(await space.ContentAsync(sources: true), c =>
            c.Contains("distribution.source.registry.test=" + name.Split(':')[0], StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_mirror_that_is_unavailable_or_lacks_the_content_is_skipped()
    {
        var space = fixture.Space();
        await using var empty = await TestRegistry.StartAsync();
        var name = await fixture.PutAsync(space, LayoutBuilder.Small("a", Guid.NewGuid().ToString()));
        await space.PullAsync(
            $"registry.test/{name}",
            Hosts(
                space,
                "registry.test",
                $"""
                server = "http://{fixture.Registry.Host}"
                [host."http://localhost:{TestRegistry.FreePort()}"]
                [host."http://{empty.Host}"]
                """
            )
        );
    }

    [Fact]
    public async Task If_all_hosts_fail_the_registrys_own_error_is_reported_and_the_others_are_named()
    {
        var space = fixture.Space();
        var port = TestRegistry.FreePort();
        var error = await Assert.ThrowsAsync<CtrNotFoundException>(() =>
            space.PullAsync(
                "registry.test/none/such",
                Hosts(space, "registry.test", $"server = \"http://{fixture.Registry.Host}\"\n[host.\"http://localhost:{port}\"]\n")
            )
        );
        Assert.Equal(ErrorIds.ImageNotFoundInRegistry, error.ErrorId);
        Assert.Contains($"localhost:{port}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mirror_without_resolve_is_not_used_for_tags_but_for_content()
    {
        var space = fixture.Space();
        await using var mirror = new RegistryProxy(fixture.Registry.Port);
        await using var own = new RegistryProxy(fixture.Registry.Port);
        var name = await fixture.PutAsync(space, LayoutBuilder.Small("a", Guid.NewGuid().ToString()));
        await space.PullAsync(
            $"registry.test/{name}",
            Hosts(space, "registry.test", $"server = \"http://{own.Host}\"\n[host.\"http://{mirror.Host}\"]\ncapabilities = [\"pull\"]\n")
        );
        Assert.DoesNotContain(mirror.Requests, r => r.Path.Contains("/manifests/1", StringComparison.Ordinal));
        Assert.Contains(mirror.Requests, r => r.IsBlob);
        Assert.DoesNotContain(own.Requests, r => r.IsBlob);
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("wrong")]
    public async Task Content_that_a_mirror_damages_is_fetched_from_the_registry(string how)
    {
        var space = fixture.Space();
        await using var mirror = new RegistryProxy(fixture.Registry.Port);
        await using var own = new RegistryProxy(fixture.Registry.Port);
        var name = await fixture.PutAsync(space, LayoutBuilder.Small("a", Guid.NewGuid().ToString()));
        mirror.Meddle = async request =>
        {
            if (!request.IsBlob)
                return false;
            var answer = await request.FetchAsync();
            answer[^1] ^= 1;
            await request.Client.WriteAsync(how == "cut" ? answer.AsMemory(..^1) : answer);
            return true;
        };
        await space.PullAsync(
            $"registry.test/{name}",
            Hosts(space, "registry.test", $"server = \"http://{own.Host}\"\n[host.\"http://{mirror.Host}\"]\n")
        );
        Assert.Contains(mirror.Requests, r => r.IsBlob);
        Assert.Contains(own.Requests, r => r.IsBlob);
    }

    [Fact]
    public async Task A_mirror_that_fails_is_not_tried_again_for_each_piece()
    {
        var space = fixture.Space();
        await using var mirror = new RegistryProxy(fixture.Registry.Port);
        mirror.Meddle = request => request.SayAsync("503 Service Unavailable");
        var name = await fixture.PutAsync(space, LayoutBuilder.Small("a", Guid.NewGuid().ToString()));
        await space.PullAsync(
            $"registry.test/{name}",
            Hosts(space, "registry.test", $"server = \"http://{fixture.Registry.Host}\"\n[host.\"http://{mirror.Host}\"]\n")
        );
        Assert.Single(mirror.Requests.Select(r => r.Path).Distinct());
    }

    [Fact]
    public async Task Specified_credentials_are_not_sent_to_a_mirror()
    {
        var space = fixture.Space();
        await using var mirror = new RegistryProxy(fixture.Registry.Port);
        mirror.Meddle = request => request.SayAsync("401 Unauthorized", "WWW-Authenticate: Basic realm=\"mirror\"\r\n");
        var name = await fixture.PutAsync(space, LayoutBuilder.Small("a", Guid.NewGuid().ToString()));
        var hosts = Hosts(
            space,
            "registry.test",
            $"server = \"http://{fixture.Registry.Host}\"\n[host.\"http://{mirror.Host}\"]\n"
        ).HostsDirectory;
        await space.PullAsync(
            $"registry.test/{name}",
            new RegistryOptions
            {
                Credential = new NetworkCredential("a", "b"),
                HostsDirectory = hosts,
                DockerConfigDirectory = "/nonexistent",
                RetryDelay = Pulls.Quick.RetryDelay,
            }
        );
        Assert.NotEmpty(mirror.Requests);
        Assert.DoesNotContain(mirror.Requests, r => r.Headers.ContainsKey("authorization"));
    }

    [Fact]
    public async Task A_path_of_its_own_and_the_default_folder_work()
    {
        var space = fixture.Space();
        await using var proxy = new RegistryProxy(fixture.Registry.Port);
        var name = await fixture.PutAsync(space, LayoutBuilder.Small("a", Guid.NewGuid().ToString()));
        proxy.Meddle = request =>
            request.Path.StartsWith("/mirror/v2/", StringComparison.Ordinal) || !request.Path.StartsWith("/odd/", StringComparison.Ordinal)
                ? request.SayAsync("404 Not Found")
                : Task.FromResult(false);
        await space.PullAsync(
            $"registry.test/{name}",
            Hosts(
                space,
                "_default",
                $"""
                server = "http://{fixture.Registry.Host}"
                [host."http://{proxy.Host}/mirror"]
                [host."http://{proxy.Host}/odd/"]
                override_path = true
                dial_timeout = "2s"
                """
            )
        );
        Assert.Contains(proxy.Requests, r => r.Path.StartsWith("/mirror/v2/test/", StringComparison.Ordinal));
        Assert.Contains(proxy.Requests, r => r.Path.StartsWith("/odd/test/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("server = ", ErrorIds.HostsConfigInvalid)]
    [InlineData("server = 7", ErrorIds.HostsConfigInvalid)]
    [InlineData("server = \"ftp://x\"", ErrorIds.HostsConfigInvalid)]
    [InlineData("[host.\"http://x\"]\ncapabilities = [\"fly\"]", ErrorIds.HostsConfigInvalid)]
    [InlineData("[host.\"http://x\"]\ncapabilities = \"fly\"", ErrorIds.HostsConfigInvalid)]
    [InlineData("skip_verify = \"yes\"", ErrorIds.HostsConfigInvalid)]
    [InlineData("client = [[\"a\"]]", ErrorIds.HostsConfigInvalid)]
    [InlineData("dial_timeout = \"soon\"", ErrorIds.HostsConfigInvalid)]
    [InlineData("host = 1", ErrorIds.HostsConfigInvalid)]
    [InlineData("server = \"http://localhost:1\"\ncapabilities = [\"push\"]", ErrorIds.RegistryNotConfigured)]
    public async Task An_invalid_file_is_named(string toml, string error)
    {
        var space = fixture.Space();
        var thrown = await Assert.ThrowsAnyAsync<CtrException>(() =>
            space.PullAsync("registry.test/a", Hosts(space, "registry.test", toml))
        );
        Assert.Equal(error, thrown.ErrorId);
        if (error == ErrorIds.HostsConfigInvalid)
            Assert.Contains("hosts.toml", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_folder_is_named()
    {
        var error = await Assert.ThrowsAsync<CtrNotFoundException>(() =>
            fixture.Space().PullAsync("registry.test/a", new RegistryOptions { HostsDirectory = "/no/such/folder" })
        );
        Assert.Equal(ErrorIds.HostsDirectoryNotFound, error.ErrorId);
    }

    private static RegistryOptions Hosts(ImageSpace space, string name, string toml)
    {
        var root = space.File(Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(Path.Combine(root, name));
        File.WriteAllText(Path.Combine(root, name, "hosts.toml"), toml);
        return new RegistryOptions
        {
            HostsDirectory = root,
            DockerConfigDirectory = "/nonexistent",
            RetryDelay = Pulls.Quick.RetryDelay,
            Timeout = Pulls.Quick.Timeout,
        };
    }
}

using System.Net.Http.Headers;
using Containerd.Oci;
using Containerd.Oci.Images;
using Containerd.Oci.Registry;

namespace Containerd.Client.Tests.Registry;

/// <summary>Texts that registries and users write, parsed without a network.</summary>
public sealed class RegistryTextTests
{
    [Theory]
    [InlineData("busybox", "docker.io", "registry-1.docker.io", "library/busybox", "latest")]
    [InlineData("docker.io/library/busybox:1.36", "docker.io", "registry-1.docker.io", "library/busybox", "1.36")]
    [InlineData("index.docker.io/a/b", "docker.io", "registry-1.docker.io", "a/b", "latest")]
    [InlineData("localhost:5000/a:2", "localhost:5000", "localhost:5000", "a", "2")]
    [InlineData(
        "localhost:5000/a@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "localhost:5000",
        "localhost:5000",
        "a",
        "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    )]
    [InlineData("[::1]:5000/a:2", "[::1]:5000", "[::1]:5000", "a", "2")]
    [InlineData("[::1]/a/b", "[::1]", "[::1]", "a/b", "latest")]
    public void A_name_is_split(string name, string domain, string host, string repository, string what)
    {
        var reference = RegistryReference.Parse(ImageReference.Normalize(name));
        Assert.Equal((domain, host, repository, what), (reference.Domain, reference.Host, reference.Repository, reference.Object));
        Assert.Equal(ImageReference.Normalize(name), reference.ToString());
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("localhost:5000", true)]
    [InlineData("127.0.0.1:5000", true)]
    [InlineData("127.1.2.3", true)]
    [InlineData("[::1]:5000", true)]
    [InlineData("[0:0:0:0:0:0:0:1]", true)]
    [InlineData("[2001:db8::1]:5000", false)]
    [InlineData("localhost.example.com", false)]
    [InlineData("192.168.0.1:5000", false)]
    [InlineData("registry-1.docker.io", false)]
    public void The_facts_of_this_machine_are_known(string host, bool loopback) => Assert.Equal(loopback, RegistryHosts.IsLoopback(host));

    [Theory]
    [InlineData(
        "Bearer realm=\"https://auth.example.com/token\",service=\"r\",scope=\"repository:a/b:pull,push\"",
        "Bearer",
        "https://auth.example.com/token",
        "repository:a/b:pull,push"
    )]
    [InlineData("bearer REALM=\"https://a/t\" , scope=x", "Bearer", "https://a/t", "x")]
    [InlineData("Bearer realm=\"https://a/\\\"t\\\"\",error=\"invalid_token\"", "Bearer", "https://a/\"t\"", null)]
    [InlineData("Basic realm=\"Registry\"", "Basic", "Registry", null)]
    public void A_challenge_is_read(string header, string scheme, string realm, string? scope)
    {
        var challenge = AuthChallenge.Of(Headers(header))!;
        Assert.Equal((scheme, realm, scope), (challenge.Scheme, challenge["realm"], challenge["scope"]));
    }

    [Fact]
    public void The_challenge_that_reveals_less_is_used_and_unknown_ones_are_ignored()
    {
        Assert.Equal("Bearer", AuthChallenge.Of(Headers("Basic realm=\"a\"", "Bearer realm=\"https://b\""))!.Scheme);
        Assert.Null(AuthChallenge.Of(Headers("Negotiate")));
        Assert.Null(AuthChallenge.Of(Headers()));
    }

    [Theory]
    [InlineData("repository:a:pull", null, "repository:a:pull")]
    [InlineData("repository:a:pull,push", "repository:a:pull", "repository:a:pull,push")]
    [InlineData("repository:a:pull", "repository:proxy/a:pull", "repository:proxy/a:pull")]
    [InlineData(
        "repository:a:pull,push repository:b:pull",
        "repository:a:pull,push repository:b:pull",
        "repository:a:pull,push repository:b:pull"
    )]
    [InlineData("repository:a:pull,push repository:b:pull", "repository:a:pull", "repository:a:pull,push repository:b:pull")]
    [InlineData("repository:a:pull", "registry:catalog:*", "repository:a:pull registry:catalog:*")]
    public void Scopes_are_those_that_the_registry_names_with_the_actions_that_are_needed(string needed, string? asked, string scopes)
    {
        ArgumentNullException.ThrowIfNull(needed);
        Assert.Equal(scopes, string.Join(' ', RegistryScope.Merge(needed.Split(' '), asked)));
    }

    [Fact]
    public void The_source_of_a_blob_is_recorded_as_by_containerd()
    {
        var reference = RegistryReference.Parse("localhost:5000/team/app:1");
        Assert.Equal(
            "team/app",
            ImageLabels.Source(reference, new Dictionary<string, string>())["containerd.io/distribution.source.localhost"]
        );
        var known = new Dictionary<string, string> { ["containerd.io/distribution.source.localhost"] = "a,team/web,z" };
        Assert.Equal("a,team/app,team/web,z", ImageLabels.Source(reference, known)["containerd.io/distribution.source.localhost"]);
        Assert.Equal("team/web", ImageLabels.MountSource(reference, known));
        Assert.Null(
            ImageLabels.MountSource(
                reference,
                new Dictionary<string, string> { ["containerd.io/distribution.source.localhost"] = "team/app" }
            )
        );
        Assert.Null(
            ImageLabels.MountSource(
                reference,
                new Dictionary<string, string> { ["containerd.io/distribution.source.example.com"] = "team/web" }
            )
        );
        Assert.Empty(
            ImageLabels.Source(
                reference,
                new Dictionary<string, string> { ["containerd.io/distribution.source.localhost"] = new string('x', 4090) }
            )
        );
        Assert.Empty(
            ImageLabels.Source(reference, new Dictionary<string, string> { ["containerd.io/distribution.source.localhost"] = "team/app" })
        );
    }

    [Fact]
    public void Credentials_do_not_print_their_secret() =>
        Assert.DoesNotContain(
            "secret",
            $"{RegistryCredential.Of("me", "secret")} {RegistryCredential.Of("<token>", "secret")}",
            StringComparison.Ordinal
        );

    private static HttpResponseHeaders Headers(params string[] challenges)
    {
        var response = new HttpResponseMessage();
        foreach (var challenge in challenges)
            response.Headers.TryAddWithoutValidation("WWW-Authenticate", challenge);
        return response.Headers;
    }
}

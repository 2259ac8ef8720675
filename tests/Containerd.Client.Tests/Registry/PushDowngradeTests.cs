using System.Net;
using Containerd.Client.Tests.Images;
using Containerd.Oci;
using Containerd.Testing;

namespace Containerd.Client.Tests.Registry;

/// <summary>A registry with TLS that redirects clients to an address without TLS, because of a wrong setting or an attacker.</summary>
public sealed class PushDowngradeTests(ImageFixture fixture) : IClassFixture<ImageFixture>
{
    [Fact]
    public async Task Neither_blobs_nor_credentials_are_sent_to_an_address_without_TLS()
    {
        await using var plain = new RegistryProxy();
        await using var registry = await TestRegistry.StartAsync(
            new TestRegistryOptions
            {
                Tls = true,
                Basic = true,
                Url = $"http://localhost:{plain.Port}",
            }
        );
        var error = await Assert.ThrowsAsync<CtrConnectionException>(() => PushAsync(registry));
        Assert.Equal(ErrorIds.RegistryRedirectInvalid, error.ErrorId);
        Assert.Contains("from https to http", error.Message, StringComparison.Ordinal);
        Assert.Empty(plain.Requests);
    }

    [Fact]
    public async Task A_registry_behind_a_TLS_proxy_is_used_with_TLS()
    {
        await using var registry = await TestRegistry.StartAsync(
            new TestRegistryOptions
            {
                Tls = true,
                Basic = true,
                Url = "http://localhost:{port}",
            }
        );
        Assert.NotEqual(0, (await PushAsync(registry)).BlobsSent);
    }

    private async Task<CtrImagePush> PushAsync(TestRegistry registry)
    {
        var space = fixture.Space();
        Assert.Single(await space.ImportAsync(LayoutBuilder.Small("docker.io/library/small:1", Guid.NewGuid().ToString())));
        var options = new RegistryOptions
        {
            CaCertificates = [registry.CaFile],
            Credential = new NetworkCredential(TestRegistry.User, TestRegistry.Password),
            RetryDelay = Pulls.Quick.RetryDelay,
            Timeout = Pulls.Quick.Timeout,
            DockerConfigDirectory = Pulls.Quick.DockerConfigDirectory,
        };
        return await space.Namespace.Images.PushAsync(
            "docker.io/library/small:1",
            new ImagePushOptions { Destination = $"{registry.Host}/some/app:1", Registry = options },
            null,
            TestContext.Current.CancellationToken
        );
    }
}

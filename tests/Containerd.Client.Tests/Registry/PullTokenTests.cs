using System.Net;
using Containerd.Client.Tests.Images;
using Containerd.Oci;
using Containerd.Testing;

namespace Containerd.Client.Tests.Registry;

/// <summary>The token flow: a registry that requires tokens, and a server that issues them.</summary>
public sealed class PullTokenTests(ImageFixture fixture) : IClassFixture<ImageFixture>, IAsyncLifetime
{
    private readonly TestTokenServer _tokens = new();
    private readonly string _repository = RegistryFixture.NewRepository();
    private TestRegistry _registry = null!;

    private string Image => $"{_registry.Host}/{_repository}:1";

    public async ValueTask InitializeAsync()
    {
        _registry = await TestRegistry.StartAsync(
            new TestRegistryOptions { TokenRealm = _tokens.Realm, TokenCertificate = _tokens.CertificateFile }
        );
        var archive = fixture.Space().File("layers.tar", RegistryFixture.Large(1 << 16, layers: 4).ToTar());
        await _registry.CopyInAsync("oci-archive:" + archive, _repository + ":1");
        _tokens.Asked.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await _registry.DisposeAsync();
        await _tokens.DisposeAsync();
    }

    [Fact]
    public async Task A_pull_uses_one_token_for_exactly_the_required_scopes()
    {
        await fixture.Space().PullAsync(Image, Login());
        Assert.Equal([$"GET repository:{_repository}:pull"], _tokens.Asked);
    }

    [Fact]
    public async Task Anonymous_pulls_work_if_the_server_allows_them()
    {
        _tokens.Anonymous = true;
        await fixture.Space().PullAsync(Image);
        Assert.Equal([$"GET repository:{_repository}:pull"], _tokens.Asked);
    }

    [Fact]
    public async Task Rejected_and_missing_credentials_are_distinguished()
    {
        Assert.Equal(
            ErrorIds.AuthenticationRequired,
            (await Assert.ThrowsAsync<CtrPermissionException>(() => fixture.Space().PullAsync(Image))).ErrorId
        );
        Assert.Equal(
            ErrorIds.AuthenticationFailed,
            (await Assert.ThrowsAsync<CtrPermissionException>(() => fixture.Space().PullAsync(Image, Login("wrong")))).ErrorId
        );
    }

    [Fact]
    public async Task A_token_that_the_registry_rejects_is_requested_again_once()
    {
        _tokens.Useless = 1;
        await fixture.Space().PullAsync(Image, Login());
        Assert.Equal(2, _tokens.Asked.Count);

        _tokens.Useless = 1000;
        _tokens.Asked.Clear();
        Assert.Equal(
            ErrorIds.AuthenticationFailed,
            (await Assert.ThrowsAsync<CtrPermissionException>(() => fixture.Space().PullAsync(Image, Login()))).ErrorId
        );
        Assert.InRange(_tokens.Asked.Count, 1, 6);
    }

    [Fact]
    public async Task A_token_that_has_expired_is_refreshed_before_it_is_used()
    {
        _tokens.ExpiresIn = 1;
        await using var slow = new RegistryProxy(_registry.Port);
        slow.Meddle = async request =>
        {
            if (request.IsBlob)
                await Task.Delay(1000, request.Ending);
            return false;
        };
        await fixture.Space().PullAsync($"{slow.Host}/{_repository}:1", Login(), new ImagePullOptions { Parallel = 1 });
        Assert.InRange(_tokens.Asked.Count, 3, 8);
        Assert.DoesNotContain(slow.Requests.Skip(1), r => !r.Headers.ContainsKey("authorization"));
    }

    [Fact]
    public async Task An_identity_token_is_exchanged()
    {
        _tokens.IdentityToken = "identity-of-tester";
        var space = fixture.Space();
        var config = space.File(
            "config.json",
            System.Text.Encoding.UTF8.GetBytes($"{{\"auths\": {{\"{_registry.Host}\": {{\"identitytoken\": \"identity-of-tester\"}}}}}}")
        );
        await space.PullAsync(Image, new RegistryOptions { DockerConfigDirectory = Path.GetDirectoryName(config) });
        Assert.Equal([$"POST repository:{_repository}:pull"], _tokens.Asked);
    }

    [Fact]
    public async Task A_server_that_supports_only_the_newer_method_is_used_with_it()
    {
        _tokens.PostOnly = true;
        await fixture.Space().PullAsync(Image, Login());
        Assert.Equal([$"POST repository:{_repository}:pull"], _tokens.Asked);
    }

    [Fact]
    public async Task A_push_and_a_mount_request_additional_scopes()
    {
        var space = fixture.Space();
        await space.PullAsync(Image, Login());
        _tokens.Asked.Clear();
        var other = RegistryFixture.NewRepository();
        var pushed = await space.Namespace.Images.PushAsync(
            Image,
            new ImagePushOptions { Registry = Login(), Destination = $"{_registry.Host}/{other}:2" },
            null,
            TestContext.Current.CancellationToken
        );
        Assert.Equal((5, 0, 0), (pushed.BlobsMounted, pushed.BlobsSent, pushed.BlobsPresent));
        Assert.Equal(
            [$"GET repository:{other}:pull,push", $"GET repository:{other}:pull,push repository:{_repository}:pull"],
            _tokens.Asked.Distinct().Order(StringComparer.Ordinal)
        );
        Assert.Contains("schemaVersion", await _registry.InspectAsync(other + ":2"), StringComparison.Ordinal);
    }

    private static RegistryOptions Login(string password = TestRegistry.Password) =>
        new()
        {
            Credential = new NetworkCredential(TestRegistry.User, password),
            DockerConfigDirectory = "/nonexistent",
            RetryDelay = Pulls.Quick.RetryDelay,
            Timeout = Pulls.Quick.Timeout,
        };
}

using System.Net;
using System.Text;
using Containerd.Client.Tests.Images;
using Containerd.Oci;
using Containerd.Testing;

namespace Containerd.Client.Tests.Registry;

/// <summary>A daemon, and a registry that requires a user and a password.</summary>
public sealed class LoginFixture : ImageFixture, IAsyncLifetime
{
    public TestRegistry Registry { get; private set; } = null!;

    /// <summary>An existing image.</summary>
    public string Image => $"{Registry.Host}/team/app:1";

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        Registry = await TestRegistry.StartAsync(new TestRegistryOptions { Basic = true });
        await Registry.CopyInAsync("oci-archive:" + await TestImages.BusyboxTarAsync(), "team/app:1");
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await Registry.DisposeAsync();
        await DisposeAsync();
    }
}

/// <summary>Credentials with user and password: specified, or saved by 'docker login' in each of its formats.</summary>
public sealed class PullLoginTests(LoginFixture fixture) : IClassFixture<LoginFixture>
{
    [Fact]
    public async Task Specified_credentials_are_used()
    {
        var space = fixture.Space();
        await space.PullAsync(fixture.Image, With(new NetworkCredential(TestRegistry.User, TestRegistry.Password)));
        await space.AssertFinishedAsync();
    }

    [Fact]
    public async Task A_missing_or_wrong_one_is_an_immediate_error_and_leaves_nothing()
    {
        var space = fixture.Space();
        var none = await Assert.ThrowsAsync<CtrPermissionException>(() => space.PullAsync(fixture.Image));
        Assert.Equal(ErrorIds.AuthenticationRequired, none.ErrorId);
        Assert.Contains("redentials", none.Remedy, StringComparison.Ordinal);
        var wrong = await Assert.ThrowsAsync<CtrPermissionException>(() =>
            space.PullAsync(fixture.Image, With(new NetworkCredential(TestRegistry.User, "wrong")))
        );
        Assert.Equal(ErrorIds.AuthenticationFailed, wrong.ErrorId);
        Assert.DoesNotContain("wrong", wrong.ToString(), StringComparison.Ordinal);
        await space.AssertEmptyAsync();
    }

    [Theory]
    [InlineData("auth")]
    [InlineData("username")]
    [InlineData("old-key")]
    [InlineData("credHelpers")]
    [InlineData("credsStore")]
    [InlineData("helper-without-it")]
    public async Task Credentials_that_docker_stores_are_used(string way)
    {
        var space = fixture.Space();
        var auth = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{TestRegistry.User}:{TestRegistry.Password}"));
        var entry = "{\"auth\": \"" + auth + "\"}";
        var config = way switch
        {
            "auth" => $"{{\"auths\": {{\"{fixture.Registry.Host}\": {entry}}}}}",
            "username" =>
                $"{{\"auths\": {{\"{fixture.Registry.Host}\": {{\"username\": \"{TestRegistry.User}\", \"password\": \"{TestRegistry.Password}\"}}}}}}",
            "old-key" => $"{{\"auths\": {{\"https://{fixture.Registry.Host}/v1/\": {entry}}}}}",
            "credHelpers" =>
                $"{{\"credsStore\": \"none-such\", \"credHelpers\": {{\"{fixture.Registry.Host}\": \"{Helper(space, true)}\"}}}}",
            "credsStore" => $"{{\"auths\": {{\"{fixture.Registry.Host}\": {{}}}}, \"credsStore\": \"{Helper(space, true)}\"}}",
            _ => $"{{\"auths\": {{\"{fixture.Registry.Host}\": {entry}}}, \"credsStore\": \"{Helper(space, false)}\"}}",
        };
        await space.PullAsync(fixture.Image, Docker(space, config));
    }

    [Theory]
    [InlineData("{", ErrorIds.DockerConfigInvalid)]
    [InlineData("[]", ErrorIds.DockerConfigInvalid)]
    [InlineData("{\"auths\": {\"HOST\": {\"auth\": \"???\"}}}", ErrorIds.DockerConfigInvalid)]
    [InlineData("{\"credsStore\": \"there-is-none-such\"}", ErrorIds.CredentialHelperFailed)]
    [InlineData("{\"credsStore\": \"../evil\"}", ErrorIds.CredentialHelperFailed)]
    public async Task A_broken_configuration_is_named(string config, string error)
    {
        ArgumentNullException.ThrowIfNull(config);
        var space = fixture.Space();
        var thrown = await Assert.ThrowsAnyAsync<CtrException>(() =>
            space.PullAsync(fixture.Image, Docker(space, config.Replace("HOST", fixture.Registry.Host, StringComparison.Ordinal)))
        );
        Assert.Equal(error, thrown.ErrorId);
        await space.AssertEmptyAsync();
    }

    [Fact]
    public async Task The_message_of_a_failed_helper_is_reported()
    {
        var space = fixture.Space();
        var name = MakeHelper(space, "echo the keychain is locked; exit 1");
        var error = await Assert.ThrowsAnyAsync<CtrException>(() =>
            space.PullAsync(fixture.Image, Docker(space, $"{{\"credsStore\": \"{name}\"}}"))
        );
        Assert.Equal(ErrorIds.CredentialHelperFailed, error.ErrorId);
        Assert.Contains("the keychain is locked", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_are_not_sent_to_other_hosts()
    {
        var space = fixture.Space();
        var seen = new List<string>();
        await using var elsewhere = new RegistryProxy(fixture.Registry.Port);
        await using var front = new RegistryProxy(fixture.Registry.Port);
        elsewhere.Meddle = async request =>
        {
            lock (seen)
                seen.AddRange(request.Headers.Keys.Where(k => k == "authorization"));

            // Like a blob store behind a registry, it requires no credentials.
            request.Headers["authorization"] =
                "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{TestRegistry.User}:{TestRegistry.Password}"));
            await request.ForwardAsync();
            return true;
        };
        front.Meddle = request =>
            request.IsBlob && request.Headers.ContainsKey("authorization")
                ? request.SayAsync("307 Temporary Redirect", $"Location: http://127.0.0.1:{elsewhere.Port}{request.Path}\r\n")
                : Task.FromResult(false);

        // Content that no other namespace has; otherwise nothing would be fetched.
        await fixture.Registry.CopyInAsync("oci-archive:" + space.File("large.tar", RegistryFixture.Large(1 << 16).ToTar()), "team/own:1");
        await space.PullAsync($"{front.Host}/team/own:1", With(new NetworkCredential(TestRegistry.User, TestRegistry.Password)));

        Assert.Equal(2, elsewhere.Requests.Count);
        Assert.Empty(seen);
    }

    // A credential helper like Docker's, in the search path during the tests.
    private static string Helper(ImageSpace space, bool knows) =>
        MakeHelper(
            space,
            knows
                ? $"read host; printf '{{\"ServerURL\":\"%s\",\"Username\":\"{TestRegistry.User}\",\"Secret\":\"{TestRegistry.Password}\"}}' \"$host\""
                : "echo credentials not found in native keychain; exit 1"
        );

    private static string MakeHelper(ImageSpace space, string script)
    {
        var name = PrivateDaemon.Unique("helper");
        var folder = Directory.CreateDirectory(space.File("bin")).FullName;
        var file = Path.Combine(folder, "docker-credential-" + name);
        File.WriteAllText(file, "#!/bin/sh\n[ \"$1\" = get ] || exit 9\n" + script + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        lock (typeof(PullLoginTests))
            Environment.SetEnvironmentVariable("PATH", folder + ":" + Environment.GetEnvironmentVariable("PATH"));
        return name;
    }

    private static RegistryOptions Docker(ImageSpace space, string config)
    {
        var folder = Directory.CreateDirectory(space.File(Guid.NewGuid().ToString("N"))).FullName;
        File.WriteAllText(Path.Combine(folder, "config.json"), config);
        return new RegistryOptions { DockerConfigDirectory = folder, RetryDelay = Pulls.Quick.RetryDelay };
    }

    private static RegistryOptions With(NetworkCredential credential) =>
        new()
        {
            Credential = credential,
            DockerConfigDirectory = Pulls.Quick.DockerConfigDirectory,
            RetryDelay = Pulls.Quick.RetryDelay,
            Timeout = Pulls.Quick.Timeout,
        };
}

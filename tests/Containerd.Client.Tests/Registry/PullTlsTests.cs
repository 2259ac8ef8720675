using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Containerd.Client.Tests.Images;
using Containerd.Oci;
using Containerd.Testing;

namespace Containerd.Client.Tests.Registry;

/// <summary>A daemon, and a registry with an untrusted certificate.</summary>
public sealed class TlsFixture : ImageFixture, IAsyncLifetime
{
    public TestRegistry Registry { get; private set; } = null!;

    async ValueTask IAsyncLifetime.InitializeAsync()
    {
        await InitializeAsync();
        Registry = await TestRegistry.StartAsync(new TestRegistryOptions { Tls = true, Basic = true });
        await Registry.CopyInAsync("oci-archive:" + await TestImages.BusyboxTarAsync(), "team/app:1");
    }

    async ValueTask IAsyncDisposable.DisposeAsync()
    {
        await Registry.DisposeAsync();
        await DisposeAsync();
    }
}

/// <summary>Certificates: trusted authorities, client certificates, and their configuration.</summary>
public sealed class PullTlsTests(TlsFixture fixture) : IClassFixture<TlsFixture>
{
    private string Image => $"{fixture.Registry.Host}/team/app:1";

    [Fact]
    public async Task A_registry_of_this_machine_needs_no_certificate_and_no_option()
    {
        var space = fixture.Space();
        await space.PullAsync(Image, Options());
    }

    [Fact]
    public async Task A_specified_authority_is_trusted_and_required()
    {
        var space = fixture.Space();
        await space.PullAsync(Image, Options(ca: fixture.Registry.CaFile));

        using var key = ECDsa.Create();
        using var other = new CertificateRequest("CN=Another name", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddDays(1)
        );
        var file = space.File("other.pem", Encoding.ASCII.GetBytes(other.ExportCertificatePem()));
        var error = await Assert.ThrowsAsync<CtrConnectionException>(() => space.PullAsync(Image, Options(ca: file)));
        Assert.Equal(ErrorIds.RegistryCertificateInvalid, error.ErrorId);
        Assert.Contains("certificate authority", error.Remedy, StringComparison.Ordinal);
        await space.PullAsync(Image, Options(ca: file, skip: true));
    }

    [Fact]
    public async Task An_invalid_certificate_file_is_named()
    {
        var space = fixture.Space();
        var file = space.File("no.pem", "nothing"u8.ToArray());
        Assert.Equal(
            ErrorIds.CertificateInvalid,
            (await Assert.ThrowsAsync<CtrDataException>(() => space.PullAsync(Image, Options(ca: file)))).ErrorId
        );
        Assert.Equal(
            ErrorIds.CertificateInvalid,
            (await Assert.ThrowsAsync<CtrDataException>(() => space.PullAsync(Image, Options(ca: "/no/such.pem")))).ErrorId
        );
    }

    [Fact]
    public async Task A_name_that_is_not_in_the_certificate_is_not_trusted()
    {
        // 127.0.0.2 is also this machine, but the certificate does not contain it.
        var space = fixture.Space();
        var folder = Hosts(
            space,
            "registry.test",
            $"server = \"https://127.0.0.2:{fixture.Registry.Port}\"\nca = \"{fixture.Registry.CaFile}\"\n"
        );
        await using var front = new TcpForward(fixture.Registry.Port);
        File.WriteAllText(
            Path.Combine(folder, "registry.test", "hosts.toml"),
            $"server = \"https://127.0.0.2:{front.Port}\"\nca = \"{fixture.Registry.CaFile}\"\n"
        );
        var error = await Assert.ThrowsAsync<CtrConnectionException>(() => space.PullAsync("registry.test/team/app:1", Options(folder)));
        Assert.Equal(ErrorIds.RegistryCertificateInvalid, error.ErrorId);
        File.AppendAllText(Path.Combine(folder, "registry.test", "hosts.toml"), "skip_verify = true\n");
        await space.PullAsync("registry.test/team/app:1", Options(folder));
    }

    [Fact]
    public async Task Plain_http_to_a_registry_with_tls_is_an_error()
    {
        var space = fixture.Space();
        Assert.IsAssignableFrom<CtrException>(
            await Record.ExceptionAsync(() =>
                space.PullAsync(Image, new RegistryOptions { PlainHttp = true, RetryDelay = Pulls.Quick.RetryDelay })
            )
        );
        await space.AssertEmptyAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Only_a_registry_that_requires_a_certificate_gets_it(bool inFile)
    {
        var space = fixture.Space();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var self = new CertificateRequest("CN=client", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddDays(1)
        );
        var certificate = space.File("client.cert", Encoding.ASCII.GetBytes(self.ExportCertificatePem()));
        var keyFile = space.File("client.key", Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
        await using var strict = await TestRegistry.StartAsync(new TestRegistryOptions { Tls = true, ClientCa = certificate });
        Copy(Path.Combine(fixture.Registry.Data, "docker"), Path.Combine(strict.Data, "docker"));
        var name = $"{strict.Host}/team/app:1";

        var error = await Assert.ThrowsAnyAsync<CtrException>(() => space.PullAsync(name, Options(ca: strict.CaFile)));
        Assert.StartsWith("Registry", error.ErrorId, StringComparison.Ordinal);

        if (inFile)
        {
            // Docker's layout of a folder with certificates.
            var folder = Hosts(space, $"localhost_{strict.Port}_", null);
            foreach (var (from, to) in new[] { (certificate, "client.cert"), (keyFile, "client.key"), (strict.CaFile, "ca.crt") })
                File.Copy(from, Path.Combine(folder, $"localhost_{strict.Port}_", to));
            await space.PullAsync(name, Options(folder));
            File.WriteAllText(
                Path.Combine(folder, $"localhost_{strict.Port}_", "hosts.toml"),
                $"ca = \"ca.crt\"\nclient = [[\"client.cert\", \"client.key\"]]\nserver = \"https://{strict.Host}\"\n"
            );
            await space.PullAsync(name, Options(folder));
        }
        else
        {
            using var shown = X509Certificate2.CreateFromPemFile(certificate, keyFile);
            await space.PullAsync(name, Options(ca: strict.CaFile, client: shown));
        }
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private static string Hosts(ImageSpace space, string name, string? toml)
    {
        var root = space.File(Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(Path.Combine(root, name));
        if (toml is not null)
            File.WriteAllText(Path.Combine(root, name, "hosts.toml"), toml);
        return root;
    }

    private static RegistryOptions Options(string? hosts = null, string? ca = null, bool skip = false, X509Certificate2? client = null) =>
        new()
        {
            Credential = new NetworkCredential(TestRegistry.User, TestRegistry.Password),
            CaCertificates = ca is null ? [] : [ca],
            SkipCertificateCheck = skip,
            ClientCertificate = client,
            HostsDirectory = hosts,
            DockerConfigDirectory = Pulls.Quick.DockerConfigDirectory,
            RetryDelay = Pulls.Quick.RetryDelay,
            Timeout = Pulls.Quick.Timeout,
        };
}

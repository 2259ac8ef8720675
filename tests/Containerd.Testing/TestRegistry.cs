using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Containerd.Testing;

/// <summary>
/// A real registry for tests on this machine: Debian's docker-registry, with its data in a folder that is removed with it.
/// </summary>
public sealed class TestRegistry : IAsyncDisposable
{
    public const string User = "tester";
    public const string Password = "p:äss word";

    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-registry-").FullName;
    private readonly TestRegistryOptions _options;
    private Process? _process;

    private TestRegistry(TestRegistryOptions options) => _options = options;

    /// <summary>Its port on the loopback address.</summary>
    public int Port { get; private set; }

    /// <summary>Its name in references.</summary>
    public string Host => $"localhost:{Port}";

    /// <summary>Where it stores what is pushed.</summary>
    public string Data => Path.Combine(_folder, "data");

    /// <summary>The certificate authority that signed its certificate, in PEM.</summary>
    public string CaFile => Path.Combine(_folder, "ca.crt");

    public static async Task<TestRegistry> StartAsync(TestRegistryOptions? options = null)
    {
        var registry = new TestRegistry(options ?? new TestRegistryOptions()) { Port = FreePort() };
        try
        {
            await registry.ConfigureAsync();
            await registry.RunAsync();
            return registry;
        }
        catch
        {
            await registry.DisposeAsync();
            throw;
        }
    }

    /// <summary>A port without a listener.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The file of a blob.</summary>
    public string BlobFile(string digest) => Path.Combine(Data, "docker/registry/v2/blobs/sha256", digest[7..9], digest[7..], "data");

    /// <summary>Pushes an image archive with skopeo.</summary>
    /// <param name="archive">The source as skopeo names it: <c>oci-archive:FILE</c>.</param>
    /// <param name="name">Repository and tag.</param>
    /// <param name="arguments">Further arguments for skopeo copy.</param>
    public Task<string> CopyInAsync(string archive, string name, params string[] arguments) =>
        Shell.RunAsync(
            "skopeo",
            [
                "--insecure-policy",
                "copy",
                "--dest-tls-verify=false",
                .. Login("--dest-creds"),
                .. arguments,
                archive,
                $"docker://{Host}/{name}",
            ]
        );

    /// <summary>The manifest of an image, unchanged, from skopeo.</summary>
    public Task<string> InspectAsync(string name) =>
        Shell.RunAsync("skopeo", ["inspect", "--raw", "--tls-verify=false", .. Login("--creds"), $"docker://{Host}/{name}"]);

    /// <summary>Kills it during any operation.</summary>
    public void Kill()
    {
        _process!.Kill();
        _process.WaitForExit();
    }

    /// <summary>Starts it again with the same data.</summary>
    public Task RestartAsync() => RunAsync();

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string[] Login(string option) => _options.Basic || _options.TokenRealm is not null ? [option, $"{User}:{Password}"] : [];

    private async Task ConfigureAsync()
    {
        var auth = "";
        var tls = "";
        if (_options.Basic)
        {
            var line = await Shell.RunAsync("htpasswd", "-Bbn", User, Password);
            await File.WriteAllTextAsync(Path.Combine(_folder, "htpasswd"), line);
            auth = $"auth:\n  htpasswd:\n    realm: test\n    path: {_folder}/htpasswd\n";
        }

        if (_options.TokenRealm is { } realm)
        {
            auth =
                $"auth:\n  token:\n    realm: {realm}\n    service: test-registry\n    issuer: test-issuer\n    rootcertbundle: {_options.TokenCertificate}\n";
        }

        if (_options.Tls)
        {
            MakeCertificates();
            tls = $"  tls:\n    certificate: {_folder}/server.crt\n    key: {_folder}/server.key\n";
            if (_options.ClientCa is { } clientCa)
                tls += $"    clientcas:\n      - {clientCa}\n";
        }

        var url = _options.Url is { } named ? $"  host: {named.Replace("{port}", $"{Port}", StringComparison.Ordinal)}\n" : "";
        Directory.CreateDirectory(Data);
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "config.yml"),
            $$"""
            version: 0.1
            log:
              level: warn
            storage:
              filesystem:
                rootdirectory: {{Data}}
              delete:
                enabled: true
            {{auth}}http:
              addr: 127.0.0.1:{{Port}}
            {{tls}}{{url}}
            """
        );
    }

    private async Task RunAsync()
    {
        _process?.Dispose();
        _process = Process.Start(
            new ProcessStartInfo("docker-registry", ["serve", Path.Combine(_folder, "config.yml")])
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["OTEL_TRACES_EXPORTER"] = "none" },
            }
        )!;
        var said = new System.Text.StringBuilder();
        foreach (var stream in new[] { _process.StandardOutput, _process.StandardError })
            _ = DrainAsync(stream, said);
        await Eventually.TrueAsync(() =>
            _process.HasExited ? throw new InvalidOperationException("docker-registry ended: " + said) : Listens(Port)
        );
    }

    private static async Task DrainAsync(StreamReader reader, System.Text.StringBuilder into)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (into)
                into.AppendLine(line);
        }
    }

    private static bool Listens(int port)
    {
        try
        {
            using var client = new TcpClient("127.0.0.1", port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void MakeCertificates()
    {
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var caRequest = new CertificateRequest("CN=Test authority", caKey, HashAlgorithmName.SHA256);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var ca = caRequest.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(10));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=registry", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(
            ca,
            DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddDays(9),
            RandomNumberGenerator.GetBytes(8)
        );
        File.WriteAllText(CaFile, ca.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, "server.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, "server.key"), key.ExportPkcs8PrivateKeyPem());
    }
}

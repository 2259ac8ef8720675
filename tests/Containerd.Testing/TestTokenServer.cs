using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Containerd.Testing;

/// <summary>
/// Gives the tokens that a <see cref="TestRegistry"/> asks for, as the distribution project describes them: signed, and for what was asked
/// alone.
/// </summary>
public sealed class TestTokenServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("containerd-tokens-").FullName;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;
    private readonly RegistryProxy _server = new();

    public TestTokenServer()
    {
        var request = new CertificateRequest("CN=tokens", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        CertificateFile = Path.Combine(_folder, "tokens.crt");
        File.WriteAllText(CertificateFile, _certificate.ExportCertificatePem());
        _server.Meddle = AnswerAsync;
    }

    /// <summary>The address for requests of tokens.</summary>
    public string Realm => $"http://{_server.Host}/token";

    /// <summary>The certificate by which the registry knows its tokens.</summary>
    public string CertificateFile { get; }

    /// <summary>Whether anonymous users get a token to pull.</summary>
    public bool Anonymous { get; set; }

    /// <summary>An identity token that stands for the user; null for none.</summary>
    public string? IdentityToken { get; set; }

    /// <summary>Whether only the newer way, a POST, is known.</summary>
    public bool PostOnly { get; set; }

    /// <summary>The number of next tokens that are for another service, so that the registry rejects them.</summary>
    public int Useless { get; set; }

    /// <summary>The reported lifetime of a token, in seconds.</summary>
    public int ExpiresIn { get; set; } = 300;

    /// <summary>The requests: method and scopes.</summary>
    public List<string> Asked { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _certificate.Dispose();
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task<bool> AnswerAsync(ProxyExchange request)
    {
        if (PostOnly && request.Method == "GET")
            return await request.SayAsync("404 Not Found");
        var parameters =
            request.Method == "POST"
                ? await request.BodyAsync()
                : request.Path[(request.Path.IndexOf('?', StringComparison.Ordinal) + 1)..];
        var pairs = parameters
            .Split('&')
            .Select(p => p.Split('=', 2))
            .Select(p => (Name: p[0], Value: Uri.UnescapeDataString(p[1].Replace('+', ' '))))
            .ToLookup(p => p.Name, p => p.Value);
        var scopes = pairs["scope"].SelectMany(s => s.Split(' ')).ToList();
        var basic = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{TestRegistry.User}:{TestRegistry.Password}"));
        var known =
            request.Method == "POST"
                ? (
                    pairs["grant_type"].Single() == "refresh_token"
                    && IdentityToken is not null
                    && pairs["refresh_token"].Single() == IdentityToken
                )
                    || (
                        pairs["grant_type"].Single() == "password"
                        && pairs["username"].Single() == TestRegistry.User
                        && pairs["password"].Single() == TestRegistry.Password
                    )
                : request.Headers.TryGetValue("authorization", out var sent) && sent == basic;
        bool useless;
        lock (Asked)
        {
            Asked.Add($"{request.Method} {string.Join(' ', scopes)}");
            useless = Useless-- > 0;
        }

        if (!known && (!Anonymous || request.Headers.ContainsKey("authorization")))
            return await request.SayAsync("401 Unauthorized");
        var token = Sign(
            scopes.Where(s => known || !s.Contains("push", StringComparison.Ordinal)),
            useless ? "another service" : "test-registry"
        );
        return await request.SayAsync(
            "200 OK",
            "Content-Type: application/json\r\n",
            JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object> { ["token"] = token, ["expires_in"] = ExpiresIn })
        );
    }

    private string Sign(IEnumerable<string> scopes, string audience)
    {
        var access = scopes
            .Select(s => s.Split(':'))
            .Select(p => new
            {
                type = p[0],
                name = string.Join(':', p[1..^1]),
                actions = p[^1].Split(','),
            });
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var head = Encode(
            JsonSerializer.SerializeToUtf8Bytes(
                new
                {
                    typ = "JWT",
                    alg = "ES256",
                    x5c = new[] { Convert.ToBase64String(_certificate.RawData) },
                }
            )
        );
        var claims = Encode(
            JsonSerializer.SerializeToUtf8Bytes(
                new
                {
                    iss = "test-issuer",
                    sub = TestRegistry.User,
                    aud = audience,
                    exp = now + 300,
                    nbf = now - 10,
                    iat = now,
                    jti = Guid.NewGuid().ToString(),
                    access,
                }
            )
        );
        return $"{head}.{claims}.{Encode(_key.SignData(Encoding.ASCII.GetBytes($"{head}.{claims}"), HashAlgorithmName.SHA256))}";
    }

    private static string Encode(byte[] data) => Convert.ToBase64String(data).TrimEnd('=').Replace('+', '-').Replace('/', '_');
}

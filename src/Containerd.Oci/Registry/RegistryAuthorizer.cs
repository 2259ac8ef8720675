using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Containerd.Oci.Registry;

/// <summary>
/// Authenticates to one host as it requires: with the password itself (Basic), or with tokens from another server (Bearer; distribution
/// spec, "Token Authentication"). Tokens are kept until shortly before they expire.
/// </summary>
internal sealed class RegistryAuthorizer(RegistryHost host, RegistryOptions options, RegistryConnection connection, string subject)
    : IDisposable
{
    private const int MostBytes = 1 << 20;

    // The lifetime if a token server does not specify it.
    private static readonly TimeSpan UsualLife = TimeSpan.FromSeconds(60);

    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<string, IReadOnlyList<string>> _merged = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Token> _tokens = new(StringComparer.Ordinal);
    private AuthChallenge? _challenge;
    private Task<RegistryCredential?>? _credential;

    /// <summary>Adds the authentication that the host has required so far to a request.</summary>
    /// <returns>Whether it represents credentials of a user.</returns>
    public async Task<bool> ApplyAsync(HttpRequestMessage request, IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_challenge is not { } challenge)
                return false;
            var credential = await CredentialAsync(cancellationToken).ConfigureAwait(false);
            if (!challenge.IsBearer)
            {
                if (credential is null)
                    return false;
                request.Headers.Authorization = Basic(credential);
                return true;
            }

            request.Headers.Authorization = new(
                "Bearer",
                await TokenAsync(challenge, scopes, credential, cancellationToken).ConfigureAwait(false)
            );
            return credential is not null;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Processes a rejected request.</summary>
    /// <returns>Whether the request should be sent again.</returns>
    public async Task<bool> AnswerAsync(RegistryAnswer refusal, IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        if (AuthChallenge.Of(refusal.Headers) is not { } challenge)
            return false;
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var key = string.Join(' ', scopes);
            var known = _challenge is not null && _merged.ContainsKey(key);
            _challenge = challenge;
            if (!challenge.IsBearer)
            {
                // A rejected password would be rejected again.
                return !refusal.SentCredential && await CredentialAsync(cancellationToken).ConfigureAwait(false) is not null;
            }

            var merged = RegistryScope.Merge(scopes, challenge["scope"]);
            var same = known && _merged[key].SequenceEqual(merged);
            _merged[key] = merged;

            // A rejected token is requested again once: it may have expired according to the registry's clock.
            return _tokens.Remove(string.Join(' ', merged)) || !same;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private Task<RegistryCredential?> CredentialAsync(CancellationToken cancellationToken)
    {
        if (_credential is null or { IsCanceled: true })
            _credential = FindAsync();
        return _credential;

        // The caller's credentials are for the image's registry: a mirror is another party.
        Task<RegistryCredential?> FindAsync() =>
            options.Credential is { } given && host.IsOwn
                ? Task.FromResult<RegistryCredential?>(RegistryCredential.Of(given.UserName, given.Password))
                : DockerConfig.FindAsync(options.DockerConfigDirectory, host.Name, cancellationToken);
    }

    private async Task<string> TokenAsync(
        AuthChallenge challenge,
        IReadOnlyList<string> needed,
        RegistryCredential? credential,
        CancellationToken cancellationToken
    )
    {
        if (!_merged.TryGetValue(string.Join(' ', needed), out var scopes))
            scopes = RegistryScope.Merge(needed, null);
        var key = string.Join(' ', scopes);
        if (_tokens.TryGetValue(key, out var kept) && kept.Until > DateTime.UtcNow)
            return kept.Value;
        if (!Uri.TryCreate(challenge["realm"], UriKind.Absolute, out var realm) || realm.Scheme is not ("https" or "http"))
        {
            throw new CtrDataException($"The registry {host} requires a token but does not name the token server.")
            {
                ErrorId = ErrorIds.AuthenticationChallengeInvalid,
                Subject = subject,
            };
        }

        if (credential is not null && host.Scheme == Uri.UriSchemeHttps && realm.Scheme == Uri.UriSchemeHttp && !realm.IsLoopback)
        {
            throw new CtrPermissionException(
                $"The registry {host} requires the credentials to be sent to {RegistryErrors.Authority(realm)} without TLS."
            )
            {
                ErrorId = ErrorIds.AuthenticationInsecure,
                Subject = subject,
                Remedy = "The registry's token server must have an https address.",
            };
        }

        var token = await Retries
            .RunAsync(
                connection.RetryDelay,
                () => FetchAsync(realm, challenge["service"], scopes, credential, cancellationToken),
                cancellationToken
            )
            .ConfigureAwait(false);
        _tokens[key] = token;
        return token.Value;
    }

    private async Task<Token> FetchAsync(
        Uri realm,
        string? service,
        IReadOnlyList<string> scopes,
        RegistryCredential? credential,
        CancellationToken cancellationToken
    )
    {
        var answer = credential is { IsToken: true } ? await PostAsync().ConfigureAwait(false) : await GetAsync().ConfigureAwait(false);
        if (credential is { IsToken: false } && answer.Status is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed)
        {
            // Some servers support only the newer method.
            answer.Dispose();
            answer = await PostAsync().ConfigureAwait(false);
        }

        using (answer)
        {
            if (answer.Status is HttpStatusCode.Unauthorized or HttpStatusCode.BadRequest or HttpStatusCode.Forbidden)
            {
                throw credential is null ? RegistryErrors.Required(host.Name, subject, "") : RegistryErrors.Refused(host.Name, subject, "");
            }

            if (!answer.IsSuccess)
                throw await RegistryErrors.StatusAsync(answer, subject, null, push: false, cancellationToken).ConfigureAwait(false);
            return Read(await answer.ReadAsync(MostBytes, cancellationToken).ConfigureAwait(false), answer.Uri);
        }

        Task<RegistryAnswer> GetAsync()
        {
            var query = new List<(string Name, string Value)>();
            if (service is not null)
                query.Add(("service", service));
            query.AddRange(scopes.Select(scope => ("scope", scope)));
            if (credential is not null)
                query.Add(("account", credential.User));
            var uri = RegistryAddress.WithQuery(realm, string.Join('&', query.Select(q => $"{q.Name}={Uri.EscapeDataString(q.Value)}")));
            return connection.SendBareAsync(
                new RegistryCall { Method = HttpMethod.Get, Uri = uri },
                request => request.Headers.Authorization = credential is null ? null : Basic(credential),
                cancellationToken
            );
        }

        // RFC 6749; distribution spec, "OAuth2 Token Authentication".
        Task<RegistryAnswer> PostAsync()
        {
            var form = new List<KeyValuePair<string, string>>
            {
                new("client_id", "containerd-powershell"),
                new("scope", string.Join(' ', scopes)),
            };
            if (service is not null)
                form.Add(new("service", service));
            form.AddRange(
                credential!.IsToken
                    ? [new("grant_type", "refresh_token"), new("refresh_token", credential.Secret)]
                    : [new("grant_type", "password"), new("username", credential.User), new("password", credential.Secret)]
            );
            return connection.SendBareAsync(
                new RegistryCall
                {
                    Method = HttpMethod.Post,
                    Uri = realm,
                    IsSecret = true,
                    Content = _ => new FormUrlEncodedContent(form),
                },
                static _ => { },
                cancellationToken
            );
        }
    }

    private Token Read(byte[]? body, Uri from)
    {
        try
        {
            using var json = JsonDocument.Parse(body ?? throw new JsonException());
            var value = Text(json.RootElement, "token") ?? Text(json.RootElement, "access_token") ?? throw new JsonException();
            var life =
                json.RootElement.TryGetProperty("expires_in", out var seconds) && seconds.TryGetDouble(out var s) && s > 0
                    ? TimeSpan.FromSeconds(Math.Min(s, 86400))
                    : UsualLife;

            // It is considered expired slightly early, because of network latency and clock differences.
            return new Token(value, DateTime.UtcNow + (life * 0.9));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new CtrDataException($"The token server {RegistryErrors.Authority(from)} of the registry {host} sent no token.", e)
            {
                ErrorId = ErrorIds.TokenInvalid,
                Subject = subject,
            };
        }
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
        && value.GetString() is { Length: > 0 } text
        && !text.Any(char.IsControl)
            ? text
            : null;

    private static AuthenticationHeaderValue Basic(RegistryCredential credential) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.User}:{credential.Secret}")));

    private sealed record Token(string Value, DateTime Until);
}

using System.Net;
using Containerd.Host;

namespace Containerd.Oci.Registry;

/// <summary>The connection to one host: TLS, authentication, redirects, deadlines and retries.</summary>
internal sealed class RegistryConnection : IDisposable
{
    private const int MostRedirects = 10;
    private static readonly string Agent = $"containerd-powershell/{typeof(RegistryConnection).Assembly.GetName().Version?.ToString(3)}";

    private readonly RegistryOptions _options;
    private readonly RegistryAuthorizer _authorizer;
    private readonly bool _ambiguous;
    private readonly Lazy<HttpMessageInvoker> _own;
    private readonly Lazy<HttpMessageInvoker> _foreign;

    public RegistryConnection(RegistryHost host, RegistryOptions options, string subject)
    {
        Host = host;
        _ambiguous = host.MayBePlain;
        _options = options;
        _authorizer = new RegistryAuthorizer(host, options, this, subject);
        _own = new(() => Open(own: true));

        // Credentials and client certificates are not sent to redirect targets.
        _foreign = new(() => Open(own: false));
    }

    public RegistryHost Host { get; }

    public TimeSpan RetryDelay => _options.RetryDelay;

    /// <summary>Sends a request, with retries if they may help, and returns the response, whatever its status.</summary>
    public async Task<RegistryAnswer> SendAsync(RegistryCall call, CancellationToken cancellationToken)
    {
        var answer = await FollowAsync(call, cancellationToken).ConfigureAwait(false);
        for (var tries = 0; answer.Status == HttpStatusCode.Unauthorized && tries < 2 && IsHost(answer.Uri); tries++)
        {
            bool again;
            try
            {
                again = await _authorizer.AnswerAsync(answer, call.Scopes, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                answer.Dispose();
                throw;
            }

            if (!again)
                break;
            answer.Dispose();
            answer = await FollowAsync(call, cancellationToken).ConfigureAwait(false);
        }

        return answer;
    }

    /// <summary>Sends one request unchanged, without credentials; redirects are followed.</summary>
    public Task<RegistryAnswer> SendBareAsync(RegistryCall call, Action<HttpRequestMessage> prepare, CancellationToken cancellationToken) =>
        FollowAsync(
            call,
            (request, uri) =>
            {
                if (Origin(uri) == Origin(call.Uri))
                    prepare(request);
                return Task.FromResult(false);
            },
            cancellationToken
        );

    private Task<RegistryAnswer> FollowAsync(RegistryCall call, CancellationToken cancellationToken) =>
        FollowAsync(
            call,
            async (request, uri) =>
            {
                // Even after redirects, nothing is sent without TLS for a registry that uses TLS, and only content with a digest is fetched
                // without it.
                if (uri.Scheme == Uri.UriSchemeHttp && Host.Scheme == Uri.UriSchemeHttps && !(call.IsVerified && call.Content is null))
                    throw RegistryErrors.Redirects(call.Uri, "from https to http, where anybody could read");
                if (!IsHost(uri))
                    return false;
                foreach (var (name, value) in Host.Headers)
                    request.Headers.TryAddWithoutValidation(name, value);
                return await _authorizer.ApplyAsync(request, call.Scopes, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken
        );

    private async Task<RegistryAnswer> FollowAsync(
        RegistryCall call,
        Func<HttpRequestMessage, Uri, Task<bool>> prepare,
        CancellationToken cancellationToken
    )
    {
        var uri = call.Uri;
        for (var hop = 0; ; hop++)
        {
            var answer = await ExchangeAsync(call, uri, prepare, cancellationToken).ConfigureAwait(false);
            if (Redirect(call, answer) is not { } next)
                return answer;
            var from = answer.Uri;
            answer.Dispose();
            if (hop == MostRedirects)
                throw RegistryErrors.Redirects(call.Uri, $"more than {MostRedirects} times, at last to {RegistryErrors.Authority(next)}");
            if (next.Scheme != Uri.UriSchemeHttps && next.Scheme != Uri.UriSchemeHttp)
                throw RegistryErrors.Redirects(from, $"to '{next.Scheme}', which is not a web address");
            if (from.Scheme == Uri.UriSchemeHttps && next.Scheme == Uri.UriSchemeHttp && !call.IsVerified)
                throw RegistryErrors.Redirects(from, "from https to http, where anybody could answer");
            if (call.IsSecret && Origin(next) != Origin(call.Uri))
                throw RegistryErrors.Redirects(from, $"a login to {RegistryErrors.Authority(next)}");
            uri = next;
        }
    }

    private async Task<RegistryAnswer> ExchangeAsync(
        RegistryCall call,
        Uri uri,
        Func<HttpRequestMessage, Uri, Task<bool>> prepare,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            var own = IsHost(uri);
            if (own && uri.Scheme != Host.Scheme)
                uri = new UriBuilder(uri) { Scheme = Host.Scheme }.Uri;
            var guard = new StallGuard(_options.Timeout, cancellationToken);
            try
            {
                using var request = new HttpRequestMessage(call.Method, uri) { Content = call.Content?.Invoke(guard) };
                request.Headers.TryAddWithoutValidation("User-Agent", Agent);
                // Without it, a server may use any encoding. Stored content is already compressed, and a download can resume only in
                // unencoded bytes.
                request.Headers.TryAddWithoutValidation("Accept-Encoding", "identity");
                foreach (var (name, value) in call.Headers)
                    request.Headers.TryAddWithoutValidation(name, value);
                var sentCredential = await prepare(request, uri).ConfigureAwait(false);
                guard.Watch();
                var response = await (own ? _own : _foreign).Value.SendAsync(request, guard.Token).ConfigureAwait(false);
                guard.Rest();
                if (own)
                    Host.MayBePlain = false;
                return new RegistryAnswer(response, uri, guard, sentCredential);
            }
            catch (Exception e)
            {
                var stalled = guard.HasStalled;
                guard.Dispose();
                cancellationToken.ThrowIfCancellationRequested();
                switch (e)
                {
                    case HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }
                        when own && uri.Scheme == Uri.UriSchemeHttps && (Host.MayBePlain || Host.Scheme == Uri.UriSchemeHttp):
                        // The host does not use TLS, as another request may have detected at the same time. Nothing has been sent yet.
                        (Host.Scheme, Host.MayBePlain) = (Uri.UriSchemeHttp, false);
                        continue;
                    case OperationCanceledException when stalled || e.InnerException is TimeoutException:
                        throw RegistryErrors.Silent(
                            uri,
                            !stalled && Host.ConnectTimeout is { } connect ? connect : _options.Timeout,
                            "did not answer"
                        );
                    case HttpRequestException network:
                        throw RegistryErrors.Network(uri, network);
                    case IOException broken:
                        throw RegistryErrors.Broken(uri, broken);
                    default:
                        throw;
                }
            }
        }
    }

    // RFC 9110, section 15.4: a request with a body keeps it only with 307 and 308.
    private static Uri? Redirect(RegistryCall call, RegistryAnswer answer)
    {
        var follows = answer.Status switch
        {
            HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther => call.Method == HttpMethod.Get
                || call.Method == HttpMethod.Head,
            HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect => true,
            _ => false,
        };
        if (!follows)
            return null;
        try
        {
            return RegistryAddress.Location(answer);
        }
        catch (CtrConnectionException)
        {
            answer.Dispose();
            throw;
        }
    }

    // Whether an address belongs to the host, so that credentials, headers and certificates may be sent to it. For a host that may use
    // plain HTTP, both schemes do.
    private bool IsHost(Uri uri) =>
        uri.Authority == new Uri($"{Host.Scheme}://{Host.Name}").Authority && (uri.Scheme == Host.Scheme || _ambiguous);

    private static string Origin(Uri uri) => uri.GetLeftPart(UriPartial.Authority);

    public void Dispose()
    {
        foreach (var client in new[] { _own, _foreign })
        {
            if (client.IsValueCreated)
                client.Value.Dispose();
        }

        _authorizer.Dispose();
    }

    private HttpMessageInvoker Open(bool own) =>
        new(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                AutomaticDecompression = DecompressionMethods.None,
                UseCookies = false,
                ConnectTimeout = LongTime.Setting(Host.ConnectTimeout is { } given && given > TimeSpan.Zero ? given : _options.Timeout),
                PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),

                // As in Go's clients, no proxy is used for this machine.
                UseProxy = !RegistryHosts.IsLoopback(Host.Name),
                SslOptions = RegistryTls.For(Host, _options, own),
            }
        );
}

using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;

namespace Containerd.Oci.Registry;

/// <summary>Converts failures of connections to a registry, and its responses, to errors of the client.</summary>
internal static class RegistryErrors
{
    private const int LongestMessage = 500;

    /// <summary>The error for a request without a response; transient if a retry may succeed.</summary>
    public static Exception Network(Uri uri, HttpRequestException error)
    {
        var socket = Inner<SocketException>(error)?.SocketErrorCode;

        // The content to send could not be read, which is the actual error.
        if (Inner<CtrException>(error) is { } own)
            return own;
        if (Inner<AuthenticationException>(error) is { } tls)
            return Certificate(uri, tls);
        var why = error switch
        {
            { HttpRequestError: HttpRequestError.NameResolutionError } => "its name is not known",
            { HttpRequestError: HttpRequestError.ProxyTunnelError } => "the proxy refuses: " + Innermost(error).Message.TrimEnd('.'),
            _ when socket == SocketError.ConnectionRefused => "nothing listens there",
            _ when socket is SocketError.HostUnreachable or SocketError.NetworkUnreachable => "there is no route to it",
            _ => Innermost(error).Message.TrimEnd('.'),
        };
        var told = Unreachable(uri, why, error);
        var forGood =
            error.HttpRequestError
            is HttpRequestError.NameResolutionError
                or HttpRequestError.ProxyTunnelError
                or HttpRequestError.ConnectionError
                or HttpRequestError.SecureConnectionError;
        return forGood ? told : new RegistryFaultException(told);
    }

    /// <summary>The connection broke during a response.</summary>
    public static RegistryFaultException Broken(Uri uri, Exception error) =>
        new(Unreachable(uri, "the connection broke: " + Innermost(error).Message.TrimEnd('.'), error));

    /// <summary>The request timed out.</summary>
    public static CtrTimeoutException Silent(Uri uri, TimeSpan patience, string what) =>
        new($"The registry {Authority(uri)} {what} within {new CtrDuration(patience)}.")
        {
            ErrorId = ErrorIds.RegistryTimedOut,
            Subject = uri.Authority,
            Remedy = "Check that the registry is running and not overloaded, or allow it more time.",
        };

    public static CtrConnectionException Unreachable(Uri uri, string why, Exception? cause = null) =>
        new($"The registry {Authority(uri)} cannot be reached: {why}.", cause)
        {
            ErrorId = ErrorIds.RegistryUnreachable,
            Subject = uri.Authority,
            Remedy = "Check the registry's name and port, the network, and HTTPS_PROXY and NO_PROXY.",
        };

    public static CtrConnectionException Redirects(Uri uri, string why) =>
        new($"The registry {Authority(uri)} redirects {why}.")
        {
            ErrorId = ErrorIds.RegistryRedirectInvalid,
            Subject = uri.Authority,
            Remedy = "Check the configuration of the registry and of the proxies in front of it.",
        };

    /// <summary>The error for a status that does not indicate success.</summary>
    /// <param name="answer">The response; its body is read for the registry's own message.</param>
    /// <param name="subject">The image, for errors.</param>
    /// <param name="notFound">The error for the status 404.</param>
    /// <param name="push">Whether the request was a write.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    public static async Task<Exception> StatusAsync(
        RegistryAnswer answer,
        string subject,
        Func<CtrException>? notFound,
        bool push,
        CancellationToken cancellationToken
    )
    {
        var words = await WordsAsync(answer, cancellationToken).ConfigureAwait(false);
        var said = words.Length > 0 ? ": " + words : "";
        var status = (int)answer.Status;
        var host = Authority(answer.Uri);
        switch (answer.Status)
        {
            case HttpStatusCode.NotFound when notFound is not null:
                return notFound();
            case HttpStatusCode.Unauthorized:
                return answer.SentCredential ? Refused(host, subject, said) : Required(host, subject, said);
            case HttpStatusCode.Forbidden:
                return new CtrPermissionException($"The registry {host} does not allow {(push ? "pushing" : "pulling")} '{subject}'{said}.")
                {
                    ErrorId = ErrorIds.RegistryAccessDenied,
                    Subject = subject,
                    Remedy = "Use the credentials of a user who is allowed to do this.",
                };
            case HttpStatusCode.TooManyRequests:
                var limited = new CtrConnectionException($"The registry {host} rejected the request because of its rate limit{said}.")
                {
                    ErrorId = ErrorIds.RegistryRateLimited,
                    Subject = subject,
                    Remedy = "Wait, use credentials (most registries then allow more requests), or use a mirror.",
                };
                return new RegistryFaultException(limited, RetryAfter(answer.Headers));
            case HttpStatusCode.RequestTimeout
            or HttpStatusCode.InternalServerError
            or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.GatewayTimeout:
                var failed = new CtrConnectionException($"The registry {host} failed with {status}{said}.")
                {
                    ErrorId = ErrorIds.RegistryUnavailable,
                    Subject = subject,
                    Remedy = "Try again later; the registry's log shows more.",
                };
                return new RegistryFaultException(failed, RetryAfter(answer.Headers));
            default:
                return new CtrException($"The registry {host} answered {status} ({answer.Status}) about '{subject}'{said}.")
                {
                    ErrorId = ErrorIds.RegistryRefused,
                    Subject = subject,
                };
        }
    }

    public static CtrPermissionException Required(string host, string subject, string said) =>
        new($"The registry {host} requires credentials for '{subject}'{said}.")
        {
            ErrorId = ErrorIds.AuthenticationRequired,
            Subject = subject,
            Remedy =
                "Provide credentials, or log in with 'docker login'. The image may also not exist: some registries report that in "
                + "the same way.",
        };

    public static CtrPermissionException Refused(string host, string subject, string said) =>
        new($"The registry {host} does not accept the credentials for '{subject}'{said}.")
        {
            ErrorId = ErrorIds.AuthenticationFailed,
            Subject = subject,
            RemedyId = "Credentials",
            Remedy = "Check the user name and the password, and whether that user is allowed to do this.",
        };

    public static CtrNotFoundException NoImage(string image) =>
        new($"The registry has no image '{image}'.")
        {
            ErrorId = ErrorIds.ImageNotFoundInRegistry,
            Subject = image,
            Remedy = "Check the name and the tag; a registry that requires credentials may hide images.",
        };

    public static CtrDataException Digest(string image, string what, Exception? cause = null) =>
        new($"The content that the registry sent for '{image}' is wrong: {what}.", cause)
        {
            ErrorId = ErrorIds.DigestMismatch,
            Subject = image,
            Remedy = "Try again; if the error persists, the registry, a mirror or a proxy is broken.",
        };

    public static CtrDataException Length(string image, string what) =>
        new($"The content that the registry sent for '{image}' is wrong: {what}.")
        {
            ErrorId = ErrorIds.LengthMismatch,
            Subject = image,
            Remedy = "Try again; if the error persists, the registry, a mirror or a proxy is broken.",
        };

    public static CtrNotSupportedException Schema1(string image) =>
        new($"'{image}' is a Docker schema 1 image, which containerd cannot run.")
        {
            ErrorId = ErrorIds.ManifestSchema1,
            Subject = image,
            Remedy = "Rebuild or push it with a current tool.",
        };

    /// <summary>The same error with additional text in its message.</summary>
    public static CtrException WithMore(CtrException error, string more) =>
        error switch
        {
            CtrConnectionException => new CtrConnectionException(error.Message + more, error)
            {
                ErrorId = error.ErrorId,
                Subject = error.Subject,
                RemedyId = error.RemedyId,
                Remedy = error.Remedy,
            },
            CtrTimeoutException => new CtrTimeoutException(error.Message + more, error)
            {
                ErrorId = error.ErrorId,
                Subject = error.Subject,
                RemedyId = error.RemedyId,
                Remedy = error.Remedy,
            },
            CtrNotFoundException => new CtrNotFoundException(error.Message + more, error)
            {
                ErrorId = error.ErrorId,
                Subject = error.Subject,
                RemedyId = error.RemedyId,
                Remedy = error.Remedy,
            },
            CtrPermissionException => new CtrPermissionException(error.Message + more, error)
            {
                ErrorId = error.ErrorId,
                Subject = error.Subject,
                RemedyId = error.RemedyId,
                Remedy = error.Remedy,
            },
            CtrDataException => new CtrDataException(error.Message + more, error)
            {
                ErrorId = error.ErrorId,
                Subject = error.Subject,
                RemedyId = error.RemedyId,
                Remedy = error.Remedy,
            },
            _ => error,
        };

    /// <summary>An address as messages show it: without a query, which may contain a secret.</summary>
    public static string Authority(Uri uri) => uri.IsDefaultPort ? uri.Host : uri.Authority;

    private static CtrConnectionException Certificate(Uri uri, AuthenticationException error) =>
        new($"The registry {Authority(uri)} cannot be trusted: {error.Message.TrimEnd('.')}.", error)
        {
            ErrorId = ErrorIds.RegistryCertificateInvalid,
            Subject = uri.Authority,
            Remedy =
                "Specify its certificate authority in the registry options or in hosts.toml; a registry without TLS requires plain HTTP.",
        };

    // The registry's own message: {"errors":[{"code":…,"message":…}]}, distribution spec, "Error Codes".
    private static async Task<string> WordsAsync(RegistryAnswer answer, CancellationToken cancellationToken)
    {
        byte[] body;
        try
        {
            body = await answer.ReadAsync(1 << 16, cancellationToken).ConfigureAwait(false) ?? [];
        }
        catch (Exception e) when (e is RegistryFaultException or CtrException)
        {
            return "";
        }

        try
        {
            using var json = JsonDocument.Parse(body);
            var errors = json
                .RootElement.GetProperty("errors")
                .EnumerateArray()
                .Select(e => string.Join(": ", new[] { Text(e, "code"), Text(e, "message") }.Where(t => t.Length > 0)));
            return Clean(string.Join("; ", errors));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return answer.MediaType == "text/plain" ? Clean(Encoding.UTF8.GetString(body)) : "";
        }
    }

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";

    private static string Clean(string text)
    {
        var line = string.Join(' ', text.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
        line = string.Concat(line.Where(c => !char.IsControl(c)));
        return line.Length <= LongestMessage ? line : line[..LongestMessage] + "…";
    }

    private static TimeSpan? RetryAfter(HttpResponseHeaders headers) =>
        headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - DateTimeOffset.UtcNow is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
            _ => null,
        };

    private static T? Inner<T>(Exception? error)
        where T : Exception
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is T wanted)
                return wanted;
        }

        return null;
    }

    private static Exception Innermost(Exception error) => error.InnerException is { } inner ? Innermost(inner) : error;
}

using System.Text.RegularExpressions;
using Containerd.Client.Transport;
using Containerd.Client.Wire.Streaming;
using Containerd.Client.Wire.Transfer;
using Containerd.Client.Wire.TransferTypes;
using Containerd.Oci;
using Containerd.Oci.Images;
using Containerd.Oci.Registry;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using WireImageStore = Containerd.Client.Wire.TransferTypes.ImageStore;

namespace Containerd.Client.Images;

/// <summary>
/// Transfers images with the daemon (transfer.v1, containerd 1.7 and later): it requests credentials from us, and reports its progress.
/// </summary>
internal sealed partial class DaemonTransfer(
    ImageScope ns,
    RegistryReference reference,
    RegistryOptions options,
    IProgress<ImageProgress>? progress
)
{
    private const string HostsDirectory = "/etc/containerd/certs.d";

    /// <summary>Pulls content and name; the daemon does not unpack it.</summary>
    /// <exception cref="CtrNotSupportedException">TransferNotSupported, TransferOptionNotSupported.</exception>
    public Task PullAsync(
        string name,
        IEnumerable<ImagePlatform> platforms,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellationToken
    )
    {
        var store = Store(name, platforms);
        foreach (var (key, value) in labels)
            store.Labels[key] = value;
        return RunAsync(auth => (WireAny.Pack(Registry(auth)), WireAny.Pack(store)), ImageProgressStage.Downloading, cancellationToken);
    }

    /// <summary>Pushes an image unchanged.</summary>
    /// <exception cref="CtrNotSupportedException">TransferNotSupported, TransferOptionNotSupported.</exception>
    public Task PushAsync(string name, CancellationToken cancellationToken) =>
        RunAsync(auth => (WireAny.Pack(Store(name, [])), WireAny.Pack(Registry(auth))), ImageProgressStage.Uploading, cancellationToken);

    private static WireImageStore Store(string name, IEnumerable<ImagePlatform> platforms)
    {
        var store = new WireImageStore { Name = name };
        store.Platforms.AddRange(
            platforms.Select(p => new Wire.Types.Platform
            {
                Os = p.OperatingSystem,
                Architecture = p.Architecture,
                Variant = p.Variant,
            })
        );
        return store;
    }

    private OCIRegistry Registry(string authStream)
    {
        var resolver = new RegistryResolver { AuthStream = authStream };

        // Older daemons would ignore these fields silently.
        if (DaemonVersion.IsAtLeast(ns.Session.Version, 2))
        {
            resolver.HostDir = options.HostsDirectory ?? HostsDirectory;
            if (options.PlainHttp)
                resolver.DefaultScheme = Uri.UriSchemeHttp;
        }

        return new OCIRegistry { Reference = reference.ToString(), Resolver = resolver };
    }

    private async Task RunAsync(
        Func<string, (Any Source, Any Destination)> ends,
        ImageProgressStage stage,
        CancellationToken cancellationToken
    )
    {
        RequireExpressible();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        CtrException? loginError = null;
        try
        {
            var (auth, authStream) = await OpenAsync("pwsh-auth-", ending.Token).ConfigureAwait(false);
            using (auth)
            {
                var (told, toldStream) = await OpenAsync("pwsh-progress-", ending.Token).ConfigureAwait(false);
                using (told)
                {
                    var (source, destination) = ends(authStream);
                    var request = new TransferRequest
                    {
                        Source = source,
                        Destination = destination,
                        Options = new TransferOptions { ProgressStream = toldStream },
                    };
                    var logins = AnswerAsync(auth, e => loginError = e, ending.Token);
                    var reports = ReportAsync(told, stage, ending.Token);
                    try
                    {
                        await new Transfer.TransferClient(ns.Calls()).TransferAsync(request, cancellationToken: cancellationToken);
                    }
                    finally
                    {
                        await ending.CancelAsync().ConfigureAwait(false);
                        await Task.WhenAll(logins, reports).ConfigureAwait(false);
                    }
                }
            }
        }
        catch (RpcException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw loginError ?? Translate(e);
        }
    }

    private async Task<(AsyncDuplexStreamingCall<Any, Any> Call, string Id)> OpenAsync(string prefix, CancellationToken cancellationToken)
    {
        var id = prefix + Guid.NewGuid().ToString("N");
        var call = new Streaming.StreamingClient(ns.Calls()).Stream(cancellationToken: cancellationToken);
        try
        {
            try
            {
                await call.RequestStream.WriteAsync(WireAny.Pack(new StreamInit { Id = id }), cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is InvalidOperationException or IOException or RpcException)
            {
                // A daemon without streams has already ended the call; reading its answer returns the reason.
            }

            // An answer confirms that the name of the stream is known.
            if (!await call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false))
                throw new RpcException(new Grpc.Core.Status(StatusCode.Internal, "the daemon ended a stream at once"));
            return (call, id);
        }
        catch
        {
            call.Dispose();
            throw;
        }
    }

    private async Task AnswerAsync(
        AsyncDuplexStreamingCall<Any, Any> call,
        Action<CtrException> failed,
        CancellationToken cancellationToken
    )
    {
        try
        {
            while (await call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false))
            {
                var host = AuthRequest.Parser.ParseFrom(call.ResponseStream.Current.Value).Host;
                RegistryCredential? credential = null;
                try
                {
                    // The caller's credentials are only for the image's registry.
                    credential =
                        options.Credential is { } given && (host == reference.Host || host == reference.Domain)
                            ? RegistryCredential.Of(given.UserName, given.Password)
                            : await DockerConfig.FindAsync(options.DockerConfigDirectory, host, cancellationToken).ConfigureAwait(false);
                }
                catch (CtrException e)
                {
                    failed(e);
                }

                var answer = new AuthResponse
                {
                    AuthType =
                        credential is null ? AuthType.None
                        : credential.IsToken ? AuthType.Refresh
                        : AuthType.Credentials,
                    Username = credential is { IsToken: false } ? credential.User : "",
                    Secret = credential?.Secret ?? "",
                };
                await call.RequestStream.WriteAsync(WireAny.Pack(answer), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or IOException or InvalidOperationException)
        {
            // It ends with the transfer, whose result is used.
        }
    }

    private async Task ReportAsync(AsyncDuplexStreamingCall<Any, Any> call, ImageProgressStage stage, CancellationToken cancellationToken)
    {
        try
        {
            while (await call.ResponseStream.MoveNext(cancellationToken).ConfigureAwait(false))
            {
                var told = Progress.Parser.ParseFrom(call.ResponseStream.Current.Value);
                if (told.Total > 0)
                    progress?.Report(new ImageProgress(stage, told.Name, told.Progress_, told.Total));
            }
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or IOException)
        {
            // It ends with the transfer, whose result is used.
        }
    }

    /// <summary>The requested options that a transfer has no field for.</summary>
    public static CtrNotSupportedException NotExpressible(string subject, string what, string option) =>
        new($"The daemon's transfer service does not support this option: {what}.")
        {
            ErrorId = ErrorIds.TransferOptionNotSupported,
            Subject = subject,
            RemedyId = option,
            Remedy =
                "Transfer the image with the client instead. Options for a registry can also be set in hosts.toml on the daemon's host.",
        };

    /// <summary>Rejects a digest that the daemon would accept but never verify.</summary>
    /// <exception cref="CtrNotSupportedException">DigestAlgorithmNotSupported.</exception>
    public static void RequireStoredDigest(RegistryReference reference)
    {
        if (!reference.IsDigest || DigestPin.IsStored(reference.Object))
            return;
        throw new CtrNotSupportedException($"The daemon's transfer service cannot verify '{reference}': it supports only SHA-256 digests.")
        {
            ErrorId = ErrorIds.DigestAlgorithmNotSupported,
            Subject = reference.ToString(),
            RemedyId = "ByClient",
            Remedy = "Transfer the image with the client, which compares the digest itself, or pin the image by its sha256 digest.",
        };
    }

    // A daemon that silently ignored an option would not do what was requested.
    private void RequireExpressible()
    {
        (string What, string Option)? refused = options switch
        {
            { CaCertificates.Count: > 0 } => ("certificate authorities to trust", "CaCertificatePath"),
            { ClientCertificate: not null } => ("a client certificate", "Certificate"),
            { SkipCertificateCheck: true } => ("skipping the certificate check", "SkipCertificateCheck"),
            _ when options.Timeout != new RegistryOptions().Timeout => ("a timeout for the registry", "Timeout"),
            { HostsDirectory: not null } when !DaemonVersion.IsAtLeast(ns.Session.Version, 2) => (
                "a folder of hosts before containerd 2.0",
                "HostsDirectory"
            ),
            { PlainHttp: true } when !DaemonVersion.IsAtLeast(ns.Session.Version, 2) => ("plain HTTP before containerd 2.0", "PlainHttp"),
            _ => null,
        };
        if (refused is { } found)
            throw NotExpressible(reference.ToString(), found.What, found.Option);
    }

    // The daemon passes on the message of Go's client as text.
    private Exception Translate(RpcException error)
    {
        var said = error.Status.Detail;
        var subject = reference.ToString();
        if (error.StatusCode == StatusCode.Unimplemented)
        {
            return new CtrNotSupportedException("This daemon has no transfer service.", error)
            {
                ErrorId = ErrorIds.TransferNotSupported,
                Subject = subject,
                Remedy = "Transfer the image with the client instead; containerd 1.7 and later have the service.",
            };
        }

        if (error.IsConnectionLoss())
            return RpcErrors.Translate(error, Resource.Image, subject);
        if (LoginRefused().IsMatch(said))
            return options.Credential is null
                ? RegistryErrors.Required(reference.Domain, subject, "")
                : RegistryErrors.Refused(reference.Domain, subject, "");
        if (NoAnswer().IsMatch(said))
            return RegistryErrors.Unreachable(new Uri("https://" + reference.Host), "the daemon says: " + said, error);
        if (error.StatusCode == StatusCode.NotFound)
            return RegistryErrors.NoImage(subject);
        return new CtrRuntimeException($"The daemon could not transfer '{subject}': {said}.", error)
        {
            ErrorId = ErrorIds.TransferFailed,
            Subject = subject,
        };
    }

    [GeneratedRegex(
        "authorization failed|no basic auth credentials|401 Unauthorized|failed to fetch (?:oauth|anonymous) token|may require "
            + "authorization",
        RegexOptions.IgnoreCase
    )]
    private static partial Regex LoginRefused();

    [GeneratedRegex("dial tcp|connection refused|no such host|i/o timeout|connection reset")]
    private static partial Regex NoAnswer();
}

using System.Net;
using Containerd.Client.Transport;
using Containerd.Oci;
using Containerd.Oci.Images;
using Containerd.Oci.Registry;

namespace Containerd.Client.Images;

/// <summary>
/// Uploads one blob to a repository: nothing is sent if it exists, it is mounted from another repository if the registry supports it, and
/// otherwise it is sent.
/// </summary>
internal sealed class BlobUpload(
    ImageScope ns,
    RegistryRepository repository,
    RegistryConnection connection,
    IProgress<ImageProgress>? progress
)
{
    private readonly string _scope = RegistryScope.Push(repository.Reference.Repository);

    /// <summary>How a blob was added.</summary>
    internal enum UploadKind
    {
        Present,
        Mounted,
        Sent,
    }

    public async Task<UploadKind> RunAsync(OciDescriptor blob, CancellationToken cancellationToken)
    {
        Report(blob, 0);
        var way = await Retries
            .RunAsync(connection.RetryDelay, () => TryAsync(blob, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        Report(blob, blob.Size);
        return way;
    }

    private async Task<UploadKind> TryAsync(OciDescriptor blob, CancellationToken cancellationToken)
    {
        using (
            var head = await connection
                .SendAsync(Call(HttpMethod.Head, repository.Address(connection, "blobs/" + blob.Digest)), cancellationToken)
                .ConfigureAwait(false)
        )
        {
            if (head.IsSuccess)
                return UploadKind.Present;

            // A HEAD response has no body: errors are reported by the next request.
            if (
                head.Status
                is not (
                    HttpStatusCode.NotFound
                    or HttpStatusCode.Unauthorized
                    or HttpStatusCode.Forbidden
                    or HttpStatusCode.MethodNotAllowed
                )
            )
                await repository.SuccessAsync(head, null, cancellationToken, push: true).ConfigureAwait(false);
        }

        var labels = (await ns.Content.Records.FindAsync(blob.Digest, cancellationToken).ConfigureAwait(false))?.Labels
            ?? throw RpcErrors.NotFound(Resource.Content, blob.Digest);
        var (mounted, location) = await BeginAsync(blob, ImageLabels.MountSource(repository.Reference, labels), cancellationToken)
            .ConfigureAwait(false);
        if (mounted)
            return UploadKind.Mounted;
        await SendAsync(blob, location!, cancellationToken).ConfigureAwait(false);
        return UploadKind.Sent;
    }

    // POST opens an upload, or mounts the blob from another repository; a registry that does not, opens an upload for it (distribution
    // spec, "Mounting a blob").
    private async Task<(bool Mounted, Uri? Location)> BeginAsync(OciDescriptor blob, string? from, CancellationToken cancellationToken)
    {
        if (from is not null)
        {
            var mount = repository.Address(
                connection,
                $"blobs/uploads/?mount={Uri.EscapeDataString(blob.Digest)}&from={Uri.EscapeDataString(from)}"
            );
            try
            {
                using var answer = await connection
                    .SendAsync(Call(HttpMethod.Post, mount, RegistryScope.Pull(from)), cancellationToken)
                    .ConfigureAwait(false);
                if (answer.Status == HttpStatusCode.Created)
                    return (true, null);
                if (answer.Status == HttpStatusCode.Accepted && RegistryAddress.Location(answer) is { } given)
                    return (false, Next(answer.Uri, given));
            }
            catch (CtrPermissionException)
            {
                // The credentials do not allow reading the other repository: send the blob.
            }
        }

        using var opened = await repository
            .SuccessAsync(
                await connection
                    .SendAsync(Call(HttpMethod.Post, repository.Address(connection, "blobs/uploads/")), cancellationToken)
                    .ConfigureAwait(false),
                NoRepository,
                cancellationToken,
                push: true
            )
            .ConfigureAwait(false);
        return (
            false,
            RegistryAddress.Location(opened) is { } location ? Next(opened.Uri, location) : throw Malformed("where to send a blob")
        );
    }

    // The upload address of the registry may be on another host, but not without TLS.
    private static Uri Next(Uri asked, Uri next)
    {
        if (asked.Scheme != Uri.UriSchemeHttps || next.Scheme != Uri.UriSchemeHttp)
            return next;

        // A registry behind a proxy that terminates TLS may not know the public address: use the address of the original request.
        return next.Host == asked.Host && (next.Port == asked.Port || next.IsDefaultPort)
            ? new UriBuilder(next) { Scheme = asked.Scheme, Port = asked.Port }.Uri
            : throw RegistryErrors.Redirects(asked, "from https to http, where anybody could read");
    }

    private async Task SendAsync(OciDescriptor blob, Uri location, CancellationToken cancellationToken)
    {
        var uri = RegistryAddress.WithQuery(location, "digest=" + Uri.EscapeDataString(blob.Digest));
        try
        {
            using var done = await repository
                .SuccessAsync(
                    await connection
                        .SendAsync(
                            new RegistryCall
                            {
                                Method = HttpMethod.Put,
                                Uri = uri,
                                Scopes = [_scope],
                                Content = guard => new BlobContent(ns.Content, blob, guard, sent => Report(blob, sent)),
                            },
                            cancellationToken
                        )
                        .ConfigureAwait(false),
                    null,
                    cancellationToken,
                    push: true
                )
                .ConfigureAwait(false);
        }
        catch
        {
            await CancelAsync(location).ConfigureAwait(false);
            throw;
        }
    }

    // Otherwise the upload would be left in the registry.
    private async Task CancelAsync(Uri location)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            using var answer = await connection.SendAsync(Call(HttpMethod.Delete, location), deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or RegistryFaultException or OperationCanceledException)
        {
            // The original error is more informative.
        }
    }

    private RegistryCall Call(HttpMethod method, Uri uri, params string[] more) =>
        new()
        {
            Method = method,
            Uri = uri,
            Scopes = [_scope, .. more],

            // Some servers do not accept a POST without a length.
            Content = method == HttpMethod.Post ? static _ => new ByteArrayContent([]) : null,
        };

    private CtrNotFoundException NoRepository() =>
        new($"The registry has no repository '{repository.Subject}'.")
        {
            ErrorId = ErrorIds.RepositoryNotFound,
            Subject = repository.Subject,
            Remedy = "Create the repository first, or use the credentials of a user who has access to it.",
        };

    private CtrDataException Malformed(string what) =>
        new($"The registry {connection.Host} does not say {what}.")
        {
            ErrorId = ErrorIds.RegistryAnswerInvalid,
            Subject = repository.Subject,
        };

    private void Report(OciDescriptor blob, long done) =>
        progress?.Report(new ImageProgress(ImageProgressStage.Uploading, blob.Digest, done, blob.Size));
}

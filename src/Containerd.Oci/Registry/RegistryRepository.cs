using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Containerd.Oci.Images;

namespace Containerd.Oci.Registry;

/// <summary>
/// A repository in its registry and the mirrors: manifests and blobs, requested from one host after another (distribution spec).
/// </summary>
internal sealed class RegistryRepository : IDisposable
{
    /// <summary>The size limit of containerd and registries for a manifest; a larger one is an attack or a mistake.</summary>
    public const int MostManifestBytes = 4 << 20;

    private static readonly (string, string) Accept = (
        "Accept",
        string.Join(", ", MediaTypes.DockerManifest, MediaTypes.DockerList, MediaTypes.OciManifest, MediaTypes.OciIndex, "*/*")
    );

    private readonly List<RegistryConnection> _connections;
    private readonly IReadOnlyList<string> _pull;

    // Hosts that do not respond or send damaged content: if there are others, they are not tried again for each piece.
    private readonly ConcurrentDictionary<RegistryConnection, bool> _unfit = new();

    public RegistryRepository(RegistryReference reference, RegistryOptions options)
    {
        Reference = reference;
        Subject = reference.ToString();
        _pull = [RegistryScope.Pull(reference.Repository)];
        _connections = [.. RegistryHosts.For(reference, options).Select(host => new RegistryConnection(host, options, Subject))];
    }

    public RegistryReference Reference { get; }

    /// <summary>The name of the image in errors.</summary>
    public string Subject { get; }

    /// <summary>The first host that accepts pushes.</summary>
    /// <exception cref="CtrNotSupportedException">RegistryReadOnly.</exception>
    public RegistryConnection PushConnection =>
        _connections.Find(c => c.Host.Capabilities.HasFlag(HostCapabilities.Push))
        ?? throw new CtrNotSupportedException($"No host is set up to push '{Subject}' to.")
        {
            ErrorId = ErrorIds.RegistryReadOnly,
            Subject = Subject,
            Remedy = "Give one of the hosts in hosts.toml the capability push.",
        };

    /// <summary>Resolves the reference to the descriptor of a manifest or an index.</summary>
    /// <returns>The descriptor, and the document if it had to be read.</returns>
    public Task<(OciDescriptor Target, byte[]? Document)> ResolveAsync(CancellationToken cancellationToken) =>
        AskAsync(
            Reference.IsDigest ? HostCapabilities.Pull : HostCapabilities.Pull | HostCapabilities.Resolve,
            connection => ResolveAsync(connection, cancellationToken),
            cancellationToken
        );

    /// <summary>Reads a manifest or an index.</summary>
    public Task<byte[]> ManifestAsync(OciDescriptor descriptor, CancellationToken cancellationToken) =>
        AskAsync(
            HostCapabilities.Pull,
            async connection =>
            {
                using var answer = await GetManifestAsync(connection, descriptor.Digest, cancellationToken).ConfigureAwait(false);
                var document = await ReadManifestAsync(answer, cancellationToken).ConfigureAwait(false);
                if (document.Length != descriptor.Size)
                    throw RegistryErrors.Length(
                        Subject,
                        $"the manifest {descriptor.Digest} has {document.Length} bytes where its descriptor says {descriptor.Size}"
                    );
                return Verified(document, descriptor.Digest);
            },
            cancellationToken
        );

    /// <summary>Opens a blob at an offset.</summary>
    /// <returns>The response, and its host.</returns>
    public Task<(Stream Body, RegistryConnection Source)> BlobAsync(OciDescriptor blob, long offset, CancellationToken cancellationToken) =>
        AskAsync(
            HostCapabilities.Pull,
            async connection =>
            {
                var uri = Address(connection, "blobs/" + blob.Digest);
                try
                {
                    return (await OpenAsync(connection, uri, blob, offset, cancellationToken).ConfigureAwait(false), connection);
                }
                catch (CtrNotFoundException) when (blob.Urls is { Count: > 0 })
                {
                    // Layers that may not be distributed are located at their owner's addresses.
                    foreach (var url in blob.Urls)
                    {
                        if (Uri.TryCreate(url, UriKind.Absolute, out var elsewhere) && elsewhere.Scheme is "https" or "http")
                            return (
                                await OpenAsync(connection, elsewhere, blob, offset, cancellationToken).ConfigureAwait(false),
                                connection
                            );
                    }

                    throw;
                }
            },
            cancellationToken
        );

    /// <summary>Excludes a host whose content is repeatedly cut off, or is wrong; the other hosts are used from now on.</summary>
    /// <returns>Whether there is another one.</returns>
    public bool GiveUpOn(RegistryConnection connection)
    {
        _unfit[connection] = true;
        return _connections.Exists(c => c.Host.Capabilities.HasFlag(HostCapabilities.Pull) && !_unfit.ContainsKey(c));
    }

    /// <summary>The address of a resource of this repository on a host.</summary>
    public Uri Address(RegistryConnection connection, string path) => Address(connection, Reference.Repository, path);

    public void Dispose()
    {
        foreach (var connection in _connections)
            connection.Dispose();
    }

    private Uri Address(RegistryConnection connection, string repository, string path)
    {
        var host = connection.Host;

        // A mirror for several registries gets the name of the registry.
        var mirror =
            host.Name == Reference.Host
                ? ""
                : (path.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "ns=" + Uri.EscapeDataString(Reference.Domain);
        return new Uri($"{host.Scheme}://{host.Name}{host.Path}/{repository}/{path}{mirror}");
    }

    // Tries the hosts in order; if all fail, the registry's own error is reported.
    private async Task<T> AskAsync<T>(HostCapabilities needed, Func<RegistryConnection, Task<T>> ask, CancellationToken cancellationToken)
    {
        var failed = new List<(RegistryHost Host, CtrException Error)>();
        var able = _connections.Where(c => c.Host.Capabilities.HasFlag(needed)).ToList();
        foreach (var connection in able.Exists(c => !_unfit.ContainsKey(c)) ? able.Where(c => !_unfit.ContainsKey(c)) : able)
        {
            try
            {
                return await Retries.RunAsync(connection.RetryDelay, () => ask(connection), cancellationToken).ConfigureAwait(false);
            }
            catch (CtrException e) when (e is not CtrNotSupportedException)
            {
                failed.Add((connection.Host, e));
                if (e is CtrConnectionException or CtrTimeoutException)
                    _unfit[connection] = true;
            }
        }

        if (failed.Count == 0)
        {
            throw new CtrNotSupportedException($"No host is set up to pull '{Subject}' from.")
            {
                ErrorId = ErrorIds.RegistryNotConfigured,
                Subject = Subject,
                Remedy = "Give one of the hosts in hosts.toml the capabilities pull and resolve.",
            };
        }

        var last = failed[^1].Error;
        if (failed.Count > 1)
            last = RegistryErrors.WithMore(
                last,
                $" Before that: {string.Join(' ', failed.SkipLast(1).Select(f => $"{f.Host}: {f.Error.Message}"))}"
            );
        throw last;
    }

    private async Task<(OciDescriptor Target, byte[]? Document)> ResolveAsync(
        RegistryConnection connection,
        CancellationToken cancellationToken
    )
    {
        // A HEAD request does not count as a pull. But its response has no body with the reason for a rejection.
        using (var head = await SendManifestAsync(connection, HttpMethod.Head, Reference.Object, cancellationToken).ConfigureAwait(false))
        {
            if (head.Status == HttpStatusCode.NotFound)
                throw RegistryErrors.NoImage(Subject);
            var digest = Reference.IsDigest ? Reference.Object : head.Header("Docker-Content-Digest");
            if (
                head.IsSuccess
                && head.Codings.Count == 0
                && digest is not null
                && head.ContentHeaders.ContentLength is { } size and > 0
                && IsKnown(head.MediaType)
            )
            {
                var target = new OciDescriptor
                {
                    MediaType = head.MediaType,
                    Digest = digest,
                    Size = size,
                };
                if (target.Flaw() is null)
                    return (Checked(target), null);
            }
        }

        using var answer = await GetManifestAsync(connection, Reference.Object, cancellationToken).ConfigureAwait(false);
        var document = await ReadManifestAsync(answer, cancellationToken).ConfigureAwait(false);
        var named = Reference.IsDigest ? Reference.Object : answer.Header("Docker-Content-Digest");
        // A digest with another algorithm also verifies the content, which is stored under its SHA-256 digest.
        if (named is not null && ContentDigest.IsOne(named))
            Verified(document, named);
        var type = IsKnown(answer.MediaType) ? answer.MediaType : OciDocument.TypeOf(document);
        return (
            Checked(
                new OciDescriptor
                {
                    MediaType = type,
                    Digest = Digest(document),
                    Size = document.Length,
                }
            ),
            document
        );
    }

    private OciDescriptor Checked(OciDescriptor target)
    {
        if (MediaTypes.IsSchema1(target.MediaType))
            throw RegistryErrors.Schema1(Subject);
        if (target.Size > MostManifestBytes)
            throw TooLarge();
        return target.Flaw() is not { } flaw
            ? target
            : throw new CtrDataException($"The registry's response for '{Subject}' is not valid: {flaw}.")
            {
                ErrorId = target.FlawId ?? ErrorIds.ManifestInvalid,
                Subject = Subject,
            };
    }

    private static bool IsKnown(string type) => MediaTypes.IsIndex(type) || MediaTypes.IsManifest(type) || MediaTypes.IsSchema1(type);

    private async Task<RegistryAnswer> GetManifestAsync(RegistryConnection connection, string which, CancellationToken cancellationToken) =>
        await SuccessAsync(
                await SendManifestAsync(connection, HttpMethod.Get, which, cancellationToken).ConfigureAwait(false),
                () => RegistryErrors.NoImage(Subject),
                cancellationToken
            )
            .ConfigureAwait(false);

    private Task<RegistryAnswer> SendManifestAsync(
        RegistryConnection connection,
        HttpMethod method,
        string which,
        CancellationToken cancellationToken
    ) =>
        connection.SendAsync(
            new RegistryCall
            {
                Method = method,
                Uri = Address(connection, "manifests/" + which),
                Scopes = _pull,
                Headers = [Accept],
                IsVerified = which.Contains(':', StringComparison.Ordinal),
            },
            cancellationToken
        );

    private async Task<byte[]> ReadManifestAsync(RegistryAnswer answer, CancellationToken cancellationToken) =>
        await answer.ReadAsync(MostManifestBytes, cancellationToken).ConfigureAwait(false) ?? throw TooLarge();

    private async Task<Stream> OpenAsync(
        RegistryConnection connection,
        Uri uri,
        OciDescriptor blob,
        long offset,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            var answer = await connection
                .SendAsync(
                    new RegistryCall
                    {
                        Method = HttpMethod.Get,
                        Uri = uri,
                        Scopes = _pull,
                        Headers = offset > 0 ? [("Range", string.Create(CultureInfo.InvariantCulture, $"bytes={offset}-"))] : [],
                        IsVerified = true,
                    },
                    cancellationToken
                )
                .ConfigureAwait(false);
            try
            {
                if (
                    offset > 0
                    && (
                        answer.Status == HttpStatusCode.RequestedRangeNotSatisfiable
                        || (answer.Status == HttpStatusCode.PartialContent && answer.Codings.Count > 0)
                    )
                )
                {
                    // It does not support ranges, or sends a range of encoded bytes: start from the beginning.
                    answer.Dispose();
                    var whole = await OpenAsync(connection, uri, blob, 0, cancellationToken).ConfigureAwait(false);
                    try
                    {
                        await SkipAsync(whole, offset, cancellationToken).ConfigureAwait(false);
                        return whole;
                    }
                    catch
                    {
                        await whole.DisposeAsync().ConfigureAwait(false);
                        throw;
                    }
                }

                answer = await SuccessAsync(answer, () => Missing(blob), cancellationToken).ConfigureAwait(false);
                var partial = answer.Status == HttpStatusCode.PartialContent;
                var (from, size) =
                    partial && answer.ContentHeaders.ContentRange is { HasRange: true } range
                        ? (range.From!.Value, range.Length)
                        : (0, answer.ContentHeaders.ContentLength is { } length ? length + (partial ? offset : 0) : null);
                if (partial && answer.ContentHeaders.ContentRange is null)
                    from = offset;
                if (from > offset)
                    throw RegistryErrors.Length(Subject, $"{blob.Digest} was asked for from byte {offset} on and came from byte {from} on");
                if (answer.Codings.Count == 0 && size is { } stated && stated != blob.Size)
                    throw RegistryErrors.Length(Subject, $"{blob.Digest} has {stated} bytes where its descriptor says {blob.Size}");
                var body = await answer.OpenAsync(blob, cancellationToken).ConfigureAwait(false);
                await SkipAsync(body, offset - from, cancellationToken).ConfigureAwait(false);
                return body;
            }
            catch
            {
                answer.Dispose();
                throw;
            }
        }
    }

    private static async Task SkipAsync(Stream body, long count, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 16];
        while (count > 0)
        {
            var read = await body.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, count)), cancellationToken)
                .ConfigureAwait(false);
            if (read == 0)
                return;
            count -= read;
        }
    }

    /// <summary>Throws an error if the response does not indicate success.</summary>
    internal async Task<RegistryAnswer> SuccessAsync(
        RegistryAnswer answer,
        Func<CtrException>? notFound,
        CancellationToken cancellationToken,
        bool push = false
    )
    {
        if (answer.IsSuccess)
            return answer;
        using (answer)
            throw await RegistryErrors.StatusAsync(answer, Subject, notFound, push, cancellationToken).ConfigureAwait(false);
    }

    private byte[] Verified(byte[] document, string digest) =>
        DigestPin.DigestOf(document, digest) is var actual && actual == digest
            ? document
            : throw RegistryErrors.Digest(Subject, $"what came as {digest} has the digest {actual}");

    private static string Digest(byte[] document) => "sha256:" + Convert.ToHexString(SHA256.HashData(document)).ToLowerInvariant();

    private CtrNotFoundException Missing(OciDescriptor blob) =>
        new($"The registry does not have {blob.Digest}, which belongs to '{Subject}'.")
        {
            ErrorId = ErrorIds.ContentNotFoundInRegistry,
            Subject = Subject,
            Remedy = "The image is damaged in the registry: push it again.",
        };

    private CtrDataException TooLarge() =>
        new($"The manifest of '{Subject}' is larger than {MostManifestBytes >> 20} MiB.")
        {
            ErrorId = ErrorIds.ManifestTooLarge,
            Subject = Subject,
            Remedy = "Valid images have much smaller manifests: check the registry.",
        };
}

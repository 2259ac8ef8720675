using System.Net;
using Containerd.Oci;
using Containerd.Oci.Images;
using Containerd.Oci.Registry;

namespace Containerd.Client.Images;

/// <summary>A push: blobs, then manifests, and last the tag.</summary>
internal sealed class ImagePusher(
    ImageScope ns,
    string name,
    OciDescriptor target,
    RegistryRepository registry,
    ImagePushOptions options,
    IProgress<ImageProgress>? progress
)
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);
    private readonly ImageOrigin _origin = new(
        name,
        $"The image '{name}' cannot be pushed",
        ErrorIds.ImageIncomplete,
        "Pull the missing platforms, or choose the platforms that exist locally."
    );

    public async Task<CtrImagePush> PushAsync(CancellationToken cancellationToken)
    {
        var connection = registry.PushConnection;

        // This prevents the removal of the image's content in the meantime.
        var lease = await ns.Leases.CreateAsync(Longest, cancellationToken: cancellationToken).ConfigureAwait(false);
        await using var leaseDisposal = lease.ConfigureAwait(false);
        await ns.Leases.AddAsync(lease.Id, "content", target.Digest, cancellationToken).ConfigureAwait(false);
        var selection = await ImageSelection
            .MakeAsync(ns, name, target, _origin, options.Platforms, options.AllPlatforms, cancellationToken)
            .ConfigureAwait(false);
        var root = selection.Root;
        if (registry.Reference.IsDigest && !DigestPin.IsOf(registry.Reference.Object, root.Json))
        {
            throw new CtrArgumentException(
                $"'{registry.Subject}' names a digest other than that of the pushed image ({root.Descriptor.Digest})."
            )
            {
                ErrorId = ErrorIds.DigestConflict,
                Subject = registry.Subject,
                Remedy = "Push to a tag.",
            };
        }

        var result = ns.Stamp(
            new CtrImagePush
            {
                Name = name,
                Destination = registry.Subject,
                Digest = root.Descriptor.Digest,
                MediaType = root.Descriptor.MediaType,
                Platforms = [.. selection.Platforms],
                OmittedPlatforms = [.. selection.OmittedPlatforms],
                BytesSent = 0,
            }
        );
        await SendBlobsAsync(connection, root, result, cancellationToken).ConfigureAwait(false);
        foreach (var document in root.All().SkipLast(1))
            await PutAsync(connection, document, document.Descriptor.Digest, cancellationToken).ConfigureAwait(false);
        await PutAsync(connection, root, registry.Reference.Object, cancellationToken).ConfigureAwait(false);
        return result;
    }

    private static bool IsOf(string digest, ImageDocument document) =>
        digest == document.Descriptor.Digest || (ContentDigest.IsOne(digest) && DigestPin.IsOf(digest, document.Json));

    private async Task SendBlobsAsync(
        RegistryConnection connection,
        ImageDocument root,
        CtrImagePush result,
        CancellationToken cancellationToken
    )
    {
        var upload = new BlobUpload(ns, registry, connection, progress);
        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = Math.Max(1, options.Parallel),
            CancellationToken = cancellationToken,
        };
        await Parallel
            .ForEachAsync(root.Blobs().Where(b => !MediaTypes.IsForeign(b.MediaType)), parallel, async (blob, cancellationToken) =>
            {
                var way = await upload.RunAsync(blob, cancellationToken).ConfigureAwait(false);
                lock (result)
                {
                    switch (way)
                    {
                        case BlobUpload.UploadKind.Present:
                            result.BlobsPresent++;
                            break;
                        case BlobUpload.UploadKind.Mounted:
                            result.BlobsMounted++;
                            break;
                        default:
                            result.BlobsSent++;
                            result.BytesSent += blob.Size;
                            break;
                    }
                }
            })
            .ConfigureAwait(false);
    }

    private Task<bool> PutAsync(RegistryConnection connection, ImageDocument document, string under, CancellationToken cancellationToken) =>
        Retries.RunAsync(
            connection.RetryDelay,
            async () =>
            {
                var uri = registry.Address(connection, "manifests/" + under);
                string[] scopes = [RegistryScope.Push(registry.Reference.Repository)];
                (string, string) type = ("Accept", document.Descriptor.MediaType);
                using (
                    var head = await connection
                        .SendAsync(
                            new RegistryCall
                            {
                                Method = HttpMethod.Head,
                                Uri = uri,
                                Scopes = scopes,
                                Headers = [type],
                            },
                            cancellationToken
                        )
                        .ConfigureAwait(false)
                )
                {
                    if (head.Status == HttpStatusCode.OK && head.Header("Docker-Content-Digest") is { } known && IsOf(known, document))
                        return true;
                }

                using var done = await registry
                    .SuccessAsync(
                        await connection
                            .SendAsync(
                                new RegistryCall
                                {
                                    Method = HttpMethod.Put,
                                    Uri = uri,
                                    Scopes = scopes,
                                    Content = _ => new ByteArrayContent(document.Json)
                                    {
                                        Headers = { ContentType = new(document.Descriptor.MediaType) },
                                    },
                                },
                                cancellationToken
                            )
                            .ConfigureAwait(false),
                        null,
                        cancellationToken,
                        push: true
                    )
                    .ConfigureAwait(false);
                return done.Header("Docker-Content-Digest") is not { Length: > 0 } stored || IsOf(stored, document)
                    ? true
                    : throw RegistryErrors.Digest(registry.Subject, $"it stored {stored} in place of {document.Descriptor.Digest}");
            },
            cancellationToken
        );
}

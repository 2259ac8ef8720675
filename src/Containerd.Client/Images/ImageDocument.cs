using Containerd.Client.Transport;
using Containerd.Oci.Images;

namespace Containerd.Client.Images;

/// <summary>A manifest or index for export, with its references.</summary>
/// <param name="Descriptor">Its descriptor.</param>
/// <param name="Json">Its bytes.</param>
/// <param name="OwnBlobs">A manifest's config and layers.</param>
/// <param name="Children">An index's manifests and indexes.</param>
internal sealed record ImageDocument(
    OciDescriptor Descriptor,
    byte[] Json,
    IReadOnlyList<OciDescriptor> OwnBlobs,
    IReadOnlyList<ImageDocument> Children
)
{
    /// <summary>The document and all its children, children first.</summary>
    public IEnumerable<ImageDocument> All() => [.. Children.SelectMany(c => c.All()), this];

    /// <summary>The configs and layers of all its manifests, each once.</summary>
    public IEnumerable<OciDescriptor> Blobs() => All().SelectMany(d => d.OwnBlobs).DistinctBy(b => b.Digest);

    /// <summary>Creates it from the content of the store. If only a part of an index is selected, it becomes a shorter index.</summary>
    /// <param name="content">The store.</param>
    /// <param name="descriptor">The manifest or index.</param>
    /// <param name="documents">The content of the image in the store, by digest.</param>
    /// <param name="wanted">The digests of the selected manifests.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The document; null if no part of it is selected.</returns>
    public static async Task<ImageDocument?> MakeAsync(
        ContentStore content,
        OciDescriptor descriptor,
        IReadOnlyDictionary<string, OciDocument> documents,
        IReadOnlySet<string> wanted,
        CancellationToken cancellationToken
    )
    {
        if (!documents.TryGetValue(descriptor.Digest, out var document))
            return null;
        var index = MediaTypes.IsIndex(descriptor.MediaType);
        if (!index && !wanted.Contains(descriptor.Digest))
            return null;
        var json = await content.ReadAllAsync(descriptor.Digest, OciJson.MaxBytes, cancellationToken).ConfigureAwait(false)
            ?? throw RpcErrors.NotFound(Resource.Content, descriptor.Digest);
        // Exported content is compared with its digest: the store itself does not verify it again.
        if (
            OciDescriptor.DigestOf(json) is var actual
            && descriptor.Digest.StartsWith("sha256:", StringComparison.Ordinal)
            && actual != descriptor.Digest
        )
        {
            throw new CtrDataException(
                $"The {(index ? "index" : "manifest")} {descriptor.Digest} is damaged in the content store: its bytes have the "
                    + $"digest {actual}."
            )
            {
                ErrorId = ErrorIds.DigestMismatch,
                Subject = descriptor.Digest,
                Remedy = "Remove the image with its content, and pull or import it again.",
            };
        }

        if (!index)
            return new ImageDocument(descriptor, json, [.. document.Children()], []);

        var (children, others, changed) = (new List<ImageDocument>(), new List<OciDescriptor>(), false);
        var node = OciJson.ParseNode(json)!;
        var list = OciJson.Property(node.AsObject(), "manifests")!.AsArray();
        foreach (var (child, entry) in document.Manifests!.Zip(list.ToList()))
        {
            if (await MakeAsync(content, child, documents, wanted, cancellationToken).ConfigureAwait(false) is { } kept)
            {
                children.Add(kept);
                if (kept.Descriptor.Digest == child.Digest)
                    continue;
                (entry!["digest"], entry["size"], changed) = (kept.Descriptor.Digest, kept.Descriptor.Size, true);
            }
            else if (
                !MediaTypes.IsIndex(child.MediaType)
                && !MediaTypes.IsManifest(child.MediaType)
                && await content.Records.FindAsync(child.Digest, cancellationToken).ConfigureAwait(false) is not null
            )
            {
                // An index may list any content; content that exists locally is included, otherwise the index would change.
                others.Add(child);
            }
            else
            {
                list.Remove(entry);
                changed = true;
            }
        }

        if (children.Count == 0)
            return null;
        if (!changed)
            return new ImageDocument(descriptor, json, others, children);
        json = OciJson.Write(node);
        var digest = OciDescriptor.DigestOf(json);
        return new ImageDocument(
            new OciDescriptor
            {
                MediaType = descriptor.MediaType,
                Digest = digest,
                Size = json.Length,
            },
            json,
            others,
            children
        );
    }
}

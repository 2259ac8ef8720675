using System.Text;
using System.Text.RegularExpressions;
using Containerd.Oci;
using Containerd.Oci.Archives;
using Containerd.Oci.Images;

namespace Containerd.Client.Images;

/// <summary>
/// An image archive, read once sequentially: blobs are stored in the content store as they arrive, and the few files that describe the
/// blobs are kept in memory until the end, because they may be anywhere in the archive.
/// </summary>
internal sealed partial class ImageArchive
{
    private const string ImageNameAnnotation = "io.containerd.image.name";
    private const string RefNameAnnotation = "org.opencontainers.image.ref.name";

    // Many more than in any real archive; each uses an entry in memory and a file in the store.
    private const int MaxFiles = 100_000;
    private const int MaxNameLength = 4096;
    private const int MaxNames = 16 << 20;
    private const int MaxLinks = 16;

    // An entry of manifest.json may list its layers any number of times: a small file could cause manifests of gigabytes.
    private const int MaxImages = 4096;
    private const int MaxReferences = 1 << 16;

    private readonly Dictionary<string, ArchiveBlob> _blobs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _documents = new(StringComparer.Ordinal);
    private readonly ContentStore _content;
    private readonly ImageOrigin _origin;
    private readonly string _lease;
    private long _names;

    private ImageArchive(ContentStore content, ImageOrigin origin, string lease) => (_content, _origin, _lease) = (content, origin, lease);

    /// <summary>Reads an archive to its end and stores its blobs.</summary>
    public static async Task<ImageArchive> ReadAsync(
        Stream file,
        ContentStore content,
        ImageOrigin origin,
        string lease,
        Action<string, long>? progress,
        CancellationToken cancellationToken
    )
    {
        var archive = new ImageArchive(content, origin, lease);
        var entries = 0;
        try
        {
            var stream = await ArchiveStream.OpenAsync(file, cancellationToken).ConfigureAwait(false);
            await using var streamDisposal = stream.ConfigureAwait(false);
            var tar = new TarFileReader(stream);
            while (await tar.NextAsync(cancellationToken).ConfigureAwait(false) is { } entry)
            {
                if (++entries > MaxFiles)
                    throw origin.Fault($"it holds more than {MaxFiles} files");
                await archive.TakeAsync(entry, stream, progress, cancellationToken).ConfigureAwait(false);
            }

            // Only the end of a compressed stream shows whether it is complete.
            await stream.CopyToAsync(Stream.Null, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrDataException e) when (e.ErrorId == ErrorIds.DataTruncated)
        {
            throw Broken(e);
        }
        catch (EndOfStreamException e)
        {
            throw Broken(e);
        }
        catch (TarFaultException e) when (entries > 0 || !e.IsHeaderBroken)
        {
            throw origin.Fault(e.Message, cause: e);
        }
        catch (Exception e)
            when (e is InvalidDataException or FormatException or OverflowException or ArgumentException or ZstdSharp.ZstdException)
        {
            throw entries == 0
                ? origin.Fault("it is not a tar, nor one compressed with gzip or zstd", cause: e)
                : origin.Fault("the tar is damaged", cause: e);
        }

        if (entries == 0)
            throw origin.Fault("it is an empty tar");
        return archive;

        CtrDataException Broken(Exception? cause) =>
            entries == 0
                ? origin.Fault("it is not a tar, nor one compressed with gzip or zstd", cause: cause)
                : origin.Fault("it ends too early", ErrorIds.ImageArchiveTruncated, cause);
    }

    /// <summary>The images in the archive. An OCI layout contains more information than a Docker manifest in the same archive.</summary>
    public async Task<IReadOnlyList<ArchiveImage>> ImagesAsync(CancellationToken cancellationToken)
    {
        if (_documents.TryGetValue("oci-layout", out var layout))
            return FromLayout(layout);
        if (_documents.TryGetValue("manifest.json", out var manifest))
            return await FromDockerAsync(manifest, cancellationToken).ConfigureAwait(false);
        throw _origin.Fault(
            _documents.ContainsKey("index.json")
                ? "it has an index.json but no oci-layout file"
                : "it has neither an OCI layout (oci-layout, index.json) nor Docker's manifest.json at its top"
        );
    }

    private List<ArchiveImage> FromLayout(byte[] layout)
    {
        var version = OciJson.Parse<Layout>(layout, "oci-layout", _origin).ImageLayoutVersion;
        if (version != "1.0.0")
            throw _origin.Fault($"it is an OCI layout of the version '{version}'; 1.0.0 is known");
        if (!_documents.TryGetValue("index.json", out var json))
            throw _origin.Fault("its OCI layout has no index.json");
        var index = OciDocument.Parse(json, MediaTypes.OciIndex, "index.json", _origin);
        if (index.Manifests!.Count > MaxImages)
            throw _origin.Fault($"its index.json lists more than {MaxImages} images");
        if (index.Manifests!.Count == 0)
            throw _origin.Fault("its index.json lists no image");
        return [.. index.Manifests.Select(m => new ArchiveImage(m.Annotation(ImageNameAnnotation) ?? m.Annotation(RefNameAnnotation), m))];
    }

    private async Task<List<ArchiveImage>> FromDockerAsync(byte[] json, CancellationToken cancellationToken)
    {
        var images = new List<ArchiveImage>();
        var entries = OciJson.Parse<List<DockerEntry?>>(json, "manifest.json", _origin);
        if (entries.Count + entries.Sum(e => e?.RepoTags?.Count ?? 0) > MaxImages)
            throw _origin.Fault($"its manifest.json lists more than {MaxImages} images");
        if (entries.Sum(e => e?.Layers?.Count ?? 0) > MaxReferences || entries.Exists(e => e?.Layers?.Count > OciDocument.MaxLayers))
            throw _origin.Fault($"its manifest.json lists more than {OciDocument.MaxLayers} layers of an image, or {MaxReferences} in all");
        foreach (var entry in entries)
        {
            if (entry?.Config is not { Length: > 0 } configName)
                throw _origin.Fault("manifest.json names no config");
            var config = Find(configName) ?? throw _origin.Fault($"it has no config '{configName}'");
            var layers = (entry.Layers ?? []).Select(name => Find(name ?? "") ?? throw _origin.Fault($"it has no layer '{name}'")).ToList();
            var target = await StoreManifestAsync(config, layers, cancellationToken).ConfigureAwait(false);
            if (entry.RepoTags is not { Count: > 0 } tags)
            {
                images.Add(new ArchiveImage(null, target));
                continue;
            }

            foreach (var tag in tags)
            {
                var name = Normalize(tag ?? "");
                images.Add(
                    new ArchiveImage(
                        name,
                        new OciDescriptor
                        {
                            MediaType = target.MediaType,
                            Digest = target.Digest,
                            Size = target.Size,
                            Annotations = new() { [ImageNameAnnotation] = name, [RefNameAnnotation] = ImageReference.ObjectOf(name) },
                        }
                    )
                );
            }
        }

        return images.Count > 0 ? images : throw _origin.Fault("its manifest.json lists no image");
    }

    // Docker's archives contain no OCI manifest, so the client writes one. Its bytes are the same as those of Go's client: an archive
    // results in the same image, whichever client imports it.
    private async Task<OciDescriptor> StoreManifestAsync(
        ArchiveBlob config,
        IEnumerable<ArchiveBlob> layers,
        CancellationToken cancellationToken
    )
    {
        static string Describe(string type, ArchiveBlob blob) =>
            $$"""{"mediaType":"{{type}}","digest":"{{blob.Digest}}","size":{{blob.Size}}}""";
        var list = string.Join(',', layers.Select(l => Describe(l.Compressed ? MediaTypes.DockerLayerGzip : MediaTypes.DockerLayer, l)));
        var json = Encoding.UTF8.GetBytes(
            $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.DockerManifest}}","config":{{Describe(MediaTypes.DockerConfig, config)}},"layers":[{{list}}]}"""
        );
        var digest = await _content
            .Writer.WriteAsync(Reference(), new MemoryStream(json), json.Length, null, _lease, null, cancellationToken: cancellationToken)
            .ConfigureAwait(false);
        return new OciDescriptor
        {
            MediaType = MediaTypes.DockerManifest,
            Digest = digest,
            Size = json.Length,
        };
    }

    private string Normalize(string tag)
    {
        try
        {
            return ImageReference.Normalize(tag);
        }
        catch (CtrArgumentException e)
        {
            throw _origin.Fault($"'{tag}' in its manifest.json is not an image name", cause: e);
        }
    }

    private ArchiveBlob? Find(string name)
    {
        name = Clean(name);
        for (var hop = 0; hop < MaxLinks; hop++)
        {
            if (_blobs.TryGetValue(name, out var blob))
                return blob;
            if (!_links.TryGetValue(name, out var target))
                return null;
            name = target;
        }

        return null;
    }

    private async Task TakeAsync(TarFile entry, ArchiveStream stream, Action<string, long>? progress, CancellationToken cancellationToken)
    {
        var name = Clean(entry.Name);
        if (name.Split('/').Contains(".."))
            throw _origin.Fault($"it holds the path '{entry.Name}', which leaves the archive");
        _names += name.Length + entry.LinkName.Length;
        if (name.Length > MaxNameLength || entry.LinkName.Length > MaxNameLength || _names > MaxNames)
            throw _origin.Fault($"its names are too long: at most {MaxNameLength} characters each, and {MaxNames >> 20} Mi all together");
        switch (entry.Kind)
        {
            case TarFileKind.SymbolicLink:
                _links[name] = Join(name.Contains('/', StringComparison.Ordinal) ? name[..name.LastIndexOf('/')] : "", entry.LinkName);
                return;
            case TarFileKind.HardLink:
                _links[name] = Clean(entry.LinkName);
                return;
            case TarFileKind.Other:
                return;
        }

        if (name is "oci-layout" or "index.json" or "manifest.json" or "repositories")
        {
            if (entry.Length > OciJson.MaxBytes)
                throw _origin.Fault($"its {name} is larger than {OciJson.MaxBytes >> 20} MiB");
            _documents[name] = await ReadDocumentAsync(entry, cancellationToken).ConfigureAwait(false);
            return;
        }

        // Files of Docker's first archive format beside each layer.
        if (OldLayerFile().IsMatch(name))
            return;

        var data = new HeadStream(entry.Data, progress is null ? null : () => progress(name, stream.BytesRead));
        await using var dataDisposal = data.ConfigureAwait(false);
        try
        {
            var digest = await _content
                .Writer.WriteAsync(Reference(), data, entry.Length, DigestIn(name), _lease, null, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
            _blobs[name] = new ArchiveBlob(digest, entry.Length, data.IsCompressed);
        }
        catch (CtrDataException e) when (e.ErrorId == ErrorIds.DigestMismatch)
        {
            throw _origin.Mismatch($"'{name}' does not have the digest that its name says", e);
        }
    }

    private static async Task<byte[]> ReadDocumentAsync(TarFile entry, CancellationToken cancellationToken)
    {
        var bytes = new byte[entry.Length];
        await entry.Data.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
        return bytes;
    }

    // Unique, so that no two clients write to the same ingest.
    private static string Reference() => "import-" + Guid.NewGuid().ToString("N");

    private static string? DigestIn(string name) =>
        DigestName().Match(name) is { Success: true } match ? "sha256:" + match.Groups["hex"].Value : null;

    private static string Clean(string name) =>
        string.Join('/', name.Split('/').Where((part, i) => part != "." && (part.Length > 0 || i == 0)));

    // The target of a link relative to the root of the archive; a target outside of the archive matches no file.
    private static string Join(string directory, string target)
    {
        var parts = new Stack<string>(directory.Split('/', StringSplitOptions.RemoveEmptyEntries));
        foreach (var part in target.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "..")
            {
                if (!parts.TryPop(out _))
                    return "";
            }
            else if (part != ".")
            {
                parts.Push(part);
            }
        }

        return string.Join('/', parts.Reverse());
    }

    [GeneratedRegex(@"^(?:blobs/sha256/(?<hex>[a-f0-9]{64})|(?<hex>[a-f0-9]{64})\.json)\z")]
    private static partial Regex DigestName();

    [GeneratedRegex(@"^[a-f0-9]{64}/(?:json|VERSION)\z")]
    private static partial Regex OldLayerFile();

    private sealed class Layout
    {
        public string? ImageLayoutVersion { get; set; }
    }

    private sealed class DockerEntry
    {
        public string? Config { get; set; }

        public List<string?>? RepoTags { get; set; }

        public List<string?>? Layers { get; set; }
    }
}

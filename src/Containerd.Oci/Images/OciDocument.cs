using System.Text.Json;

namespace Containerd.Oci.Images;

/// <summary>A manifest or an index, Docker's or OCI's: what both can hold, checked against what it claims to be.</summary>
internal sealed class OciDocument
{
    /// <summary>The most layers of one manifest; a container's root file system can be made of a few hundred.</summary>
    public const int MaxLayers = 4096;

    public string? MediaType { get; set; }

    /// <summary>What the document is, where it is not a container's image.</summary>
    public string? ArtifactType { get; set; }

    public OciDescriptor? Config { get; set; }

    public List<OciDescriptor>? Layers { get; set; }

    public List<OciDescriptor>? Manifests { get; set; }

    public JsonElement? FsLayers { get; set; }

    /// <summary>Reads an index or manifest and checks that it is what its descriptor's media type says.</summary>
    public static OciDocument Parse(ReadOnlySpan<byte> json, string mediaType, string name, ImageOrigin origin)
    {
        var document = OciJson.Parse<OciDocument>(json, name, origin);
        if (document.FsLayers is not null)
            throw origin.Fault($"{name} is a Docker schema 1 manifest, which containerd cannot run");
        if (MediaTypes.IsIndex(mediaType))
        {
            if (document.Config is not null || document.Layers is not null || MediaTypes.IsManifest(document.MediaType ?? ""))
            {
                throw origin.Fault($"{name} should be an index but is a manifest");
            }

            document.Manifests ??= [];
        }
        else
        {
            if (document.Manifests is { Count: > 0 } || MediaTypes.IsIndex(document.MediaType ?? ""))
            {
                throw origin.Fault($"{name} should be a manifest but is an index");
            }

            if (document.Config is null)
                throw origin.Fault($"{name} names no config");
            document.Layers ??= [];
            if (document.Layers.Count > MaxLayers)
                throw origin.Fault($"{name} has more than {MaxLayers} layers");
        }

        // JSON can hold a null where the type says that there is none.
        foreach (OciDescriptor? child in document.Children())
        {
            if ((child is null ? "a descriptor is null" : child.Flaw()) is { } flaw)
                throw origin.Fault($"in {name}, {flaw}", child?.FlawId);
        }

        return document;
    }

    /// <summary>The media type that a document has by its own word or by its form; empty when it has neither.</summary>
    public static string TypeOf(ReadOnlySpan<byte> json)
    {
        try
        {
            if (!OciJson.IsBounded(json))
                return "";
            var document = JsonSerializer.Deserialize<OciDocument>(json, OciJson.Options);
            return document switch
            {
                { MediaType: { Length: > 0 } type } => type,
                { FsLayers: not null } => "application/vnd.docker.distribution.manifest.v1+json",
                { Manifests: not null } => MediaTypes.OciIndex,
                { Config: not null } => MediaTypes.OciManifest,
                _ => "",
            };
        }
        catch (JsonException)
        {
            return "";
        }
    }

    /// <summary>
    /// The layers of a container's root file system. A manifest can hold other content beside them, such as a model or a signature, which
    /// is stored and passed on but not unpacked.
    /// </summary>
    /// <param name="diffIds">How many the config names.</param>
    public IReadOnlyList<OciDescriptor> ImageLayers(int diffIds)
    {
        var layers = (Layers ?? []).Where(l => MediaTypes.IsLayer(l.MediaType)).ToList();
        // Layers of a type that is not known here may be known to the daemon.
        return layers.Count != diffIds && Layers?.Count == diffIds ? Layers : layers;
    }

    /// <summary>What it refers to, in the order in which containerd numbers it.</summary>
    public IEnumerable<OciDescriptor> Children() => Manifests ?? [Config!, .. Layers!];
}

using System.Text.Json;

namespace Containerd.Oci.Images;

/// <summary>A manifest or an index of Docker or OCI, validated against its media type.</summary>
internal sealed class OciDocument
{
    /// <summary>The maximum number of layers in one manifest; the root file system of a container can consist of a few hundred.</summary>
    public const int MaxLayers = 4096;

    public string? MediaType { get; set; }

    /// <summary>The type of the document if it is not a container image.</summary>
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

        // JSON can contain null even if the type is not nullable.
        foreach (OciDescriptor? child in document.Children())
        {
            if ((child is null ? "a descriptor is null" : child.Flaw()) is { } flaw)
                throw origin.Fault($"in {name}, {flaw}", child?.FlawId);
        }

        return document;
    }

    /// <summary>The media type that a document declares or that its structure implies; empty if neither is known.</summary>
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
    /// The layers of a container's root file system. A manifest can contain other content besides them, such as a model or a signature,
    /// which is stored and transferred but not unpacked.
    /// </summary>
    /// <param name="diffIds">The number of layers in the config.</param>
    public IReadOnlyList<OciDescriptor> ImageLayers(int diffIds)
    {
        var layers = (Layers ?? []).Where(l => MediaTypes.IsLayer(l.MediaType)).ToList();
        // The daemon may support layers of types that are not known here.
        return layers.Count != diffIds && Layers?.Count == diffIds ? Layers : layers;
    }

    /// <summary>The content that it refers to, in the order in which containerd numbers it.</summary>
    public IEnumerable<OciDescriptor> Children() => Manifests ?? [Config!, .. Layers!];
}

using System.Text.Json;
using System.Text.Json.Serialization;
using Containerd.Oci.Images;

namespace Containerd.Client.Workloads.Checkpoints;

/// <summary>
/// The description of a checkpoint, as <c>checkpoint.json</c> in its directory. It is written last: a directory without it is not a
/// complete checkpoint.
/// </summary>
internal sealed class CheckpointManifest
{
    internal const string FormatName = "containerd-powershell/checkpoint";
    internal const int FormatVersion = 1;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
    };

    public string Format { get; set; } = "";

    public int Version { get; set; }

    public string Id { get; set; } = "";

    public DateTime CreatedAt { get; set; }

    public string ContainerId { get; set; } = "";

    public string Namespace { get; set; } = "";

    public string Image { get; set; } = "";

    public string Runtime { get; set; } = "";

    /// <summary>The runtime's options as containerd stores them: a type and its bytes.</summary>
    public string? RuntimeOptionsType { get; set; }

    public byte[]? RuntimeOptions { get; set; }

    public string Snapshotter { get; set; } = "";

    /// <summary>The parent of the container's own snapshot: its name identifies the layers of the image.</summary>
    public string Parent { get; set; } = "";

    public Dictionary<string, string> Labels { get; set; } = [];

    public bool Terminal { get; set; }

    /// <summary>Whether the process had standard input.</summary>
    public bool Stdin { get; set; }

    public bool Exit { get; set; }

    /// <summary>The options of CRIU that the restore requires, by CRIU's own names.</summary>
    public string[] Needs { get; set; } = [];

    /// <summary>Every other file of the checkpoint.</summary>
    public Dictionary<string, CheckpointFile> Files { get; set; } = [];

    /// <summary>The HMAC of the manifest without it, with the daemon's key; null if the daemon's data folder was not accessible.</summary>
    public byte[]? Seal { get; set; }

    /// <summary>The layer with the container's changes; null if they were omitted, or there is no snapshot.</summary>
    [JsonIgnore]
    public CheckpointFile? Layer => Files.GetValueOrDefault(CheckpointFolder.LayerName);

    /// <summary>The size of all files.</summary>
    [JsonIgnore]
    public long Size => Files.Values.Sum(f => f.Size);

    internal byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, Options);

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="CtrDataException">This client cannot read it (InvalidCheckpoint).</exception>
    internal static CheckpointManifest Parse(ReadOnlySpan<byte> json, string path)
    {
        CheckpointManifest? manifest;
        try
        {
            if (!OciJson.IsBounded(json))
                throw CheckpointErrors.Invalid(path, $"its {CheckpointFolder.ManifestName} has more than {OciJson.MaxValues} JSON values");
            manifest = JsonSerializer.Deserialize<CheckpointManifest>(json, Options);
        }
        catch (JsonException e)
        {
            throw CheckpointErrors.Invalid(path, $"its {CheckpointFolder.ManifestName} is not valid JSON", e);
        }

        if (manifest?.Format != FormatName)
            throw CheckpointErrors.Invalid(path, $"its {CheckpointFolder.ManifestName} is not one of ours");
        if (manifest.Version != FormatVersion)
            throw CheckpointErrors.Invalid(
                path,
                $"it has the format version {manifest.Version}, and this module reads version {FormatVersion}"
            );
        // JSON may contain null for required values.
        object?[] required =
        [
            manifest.Id,
            manifest.ContainerId,
            manifest.Namespace,
            manifest.Image,
            manifest.Runtime,
            manifest.Snapshotter,
            manifest.Parent,
            manifest.Labels,
            manifest.Needs,
            manifest.Files,
        ];
        if (
            required.Contains(null)
            || manifest.Files.Values.Any(f => f?.Digest is null || f.Size < 0)
            || manifest.Files.Values.Aggregate((Int128)0, (sum, f) => sum + f.Size) > long.MaxValue
            || manifest.Labels.ContainsValue(null!)
            || manifest.Id.Length == 0
            || manifest.ContainerId.Length == 0
            || manifest.Runtime.Length == 0
        )
            throw CheckpointErrors.Invalid(path, $"its {CheckpointFolder.ManifestName} is not complete");
        return manifest;
    }
}

/// <summary>A file of a checkpoint.</summary>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Digest">Its digest, as <c>sha256:…</c>.</param>
internal sealed record CheckpointFile(long Size, string Digest);

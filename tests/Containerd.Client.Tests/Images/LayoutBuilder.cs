using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Containerd.Oci.Images;

namespace Containerd.Client.Tests.Images;

/// <summary>Makes image archives, right ones and wrong ones.</summary>
internal sealed class LayoutBuilder
{
    public const string Index = "application/vnd.oci.image.index.v1+json";
    public const string Manifest = "application/vnd.oci.image.manifest.v1+json";
    public const string Config = "application/vnd.oci.image.config.v1+json";
    public const string Layer = "application/vnd.oci.image.layer.v1.tar";

    /// <summary>The archive's files, in order.</summary>
    public List<(string Name, byte[] Data)> Files { get; } = [("oci-layout", """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray())];

    /// <summary>Symbolic links, written before the files.</summary>
    public List<(string Name, string Target)> Links { get; } = [];

    public static string Digest(ReadOnlySpan<byte> data) => "sha256:" + Convert.ToHexString(SHA256.HashData(data)).ToLowerInvariant();

    public static string BlobName(string digest) => "blobs/" + digest.Replace(':', '/');

    /// <summary>A layer's tar with one file.</summary>
    public static byte[] LayerTar(string path, byte[] data)
    {
        using var memory = new MemoryStream();
        using (var tar = new TarWriter(memory, TarEntryFormat.Ustar, leaveOpen: true))
        {
            tar.WriteEntry(
                new UstarTarEntry(TarEntryType.RegularFile, path)
                {
                    DataStream = new MemoryStream(data),
                    ModificationTime = DateTimeOffset.UnixEpoch,
                }
            );
        }

        return memory.ToArray();
    }

    public static byte[] Gzip(byte[] data)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Fastest))
            gzip.Write(data);
        return memory.ToArray();
    }

    public static byte[] Zstd(byte[] data)
    {
        using var compressor = new ZstdSharp.Compressor();
        return compressor.Wrap(data).ToArray();
    }

    /// <summary>Adds a blob and gives its descriptor.</summary>
    public JsonObject Blob(string mediaType, byte[] data)
    {
        var digest = Digest(data);
        Files.Add((BlobName(digest), data));
        return new JsonObject
        {
            ["mediaType"] = mediaType,
            ["digest"] = digest,
            ["size"] = data.Length,
        };
    }

    public JsonObject Blob(string mediaType, JsonNode json) => Blob(mediaType, Encoding.UTF8.GetBytes(json.ToJsonString()));

    /// <summary>Adds an image for one platform and gives its manifest's descriptor.</summary>
    public JsonObject Image(string platform, params (byte[] Tar, string Compression)[] layers)
    {
        var parts = platform.Split('/');
        var diffIds = new JsonArray([.. layers.Select(l => (JsonNode)Digest(l.Tar))]);
        var config = Blob(
            Config,
            new JsonObject
            {
                ["architecture"] = parts[1],
                ["os"] = parts[0],
                ["config"] = new JsonObject { ["Cmd"] = new JsonArray("sh"), ["Env"] = new JsonArray("A=1") },
                ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = diffIds },
            }
        );
        var descriptors = layers
            .Select(l =>
                (JsonNode)(
                    l.Compression switch
                    {
                        "gzip" => Blob(Layer + "+gzip", Gzip(l.Tar)),
                        "zstd" => Blob(Layer + "+zstd", Zstd(l.Tar)),
                        _ => Blob(Layer, l.Tar),
                    }
                )
            )
            .ToArray();
        var manifest = Blob(
            Manifest,
            new JsonObject
            {
                ["schemaVersion"] = 2,
                ["mediaType"] = Manifest,
                ["config"] = config,
                ["layers"] = new JsonArray(descriptors),
            }
        );
        manifest["platform"] = new JsonObject { ["os"] = parts[0], ["architecture"] = parts[1] };
        if (parts.Length > 2)
            manifest["platform"]!["variant"] = parts[2];
        return manifest;
    }

    public JsonObject IndexOf(params JsonObject[] manifests) =>
        Blob(
            Index,
            new JsonObject
            {
                ["schemaVersion"] = 2,
                ["mediaType"] = Index,
                ["manifests"] = new JsonArray([.. manifests]),
            }
        );

    /// <summary>Writes index.json.</summary>
    public LayoutBuilder Top(string? name, params JsonObject[] targets)
    {
        foreach (var target in targets)
        {
            if (name is not null)
                target["annotations"] = new JsonObject
                {
                    [name.Contains('/', StringComparison.Ordinal) ? "io.containerd.image.name" : "org.opencontainers.image.ref.name"] =
                        name,
                };
        }

        Files.Add(
            (
                "index.json",
                JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray([.. targets]) })
            )
        );
        return this;
    }

    public byte[] ToTar()
    {
        using var memory = new MemoryStream();
        using (var tar = new TarWriter(memory, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var (name, target) in Links)
                tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = target });
            foreach (var (name, data) in Files)
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(data) });
        }

        return memory.ToArray();
    }

    /// <summary>A small image for the host's platform: three layers, one per compression.</summary>
    public static LayoutBuilder Small(string name, string content = "hello") =>
        new LayoutBuilder() is var builder
            ? builder.Top(
                name,
                builder.Image(
                    HostPlatform,
                    (LayerTar("a.txt", Encoding.UTF8.GetBytes(content)), "gzip"),
                    (LayerTar("b.txt", Encoding.UTF8.GetBytes(content + content)), "zstd"),
                    (LayerTar("c.txt", Encoding.UTF8.GetBytes(content + "!")), "")
                )
            )
            : throw new InvalidOperationException();

    public static string HostPlatform { get; } = ImagePlatform.Host.ToString();
}

using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Lifecycle;

/// <summary>The busybox image with another configuration: other entrypoint, command, environment, user.</summary>
internal static class ImageVariant
{
    private const string Blobs = "blobs/sha256/";

    /// <summary>Makes an OCI layout in a tar.</summary>
    public static async Task<string> MakeAsync(string name, JsonObject config)
    {
        var files = Read(await TestImages.BusyboxTarAsync());
        JsonObject Json(JsonNode descriptor) => JsonNode.Parse(files[PathOf(descriptor)])!.AsObject();
        void Replace(JsonObject descriptor, JsonObject content)
        {
            files.Remove(PathOf(descriptor));
            var data = Encoding.UTF8.GetBytes(content.ToJsonString());
            descriptor["digest"] = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(data));
            descriptor["size"] = data.Length;
            files[PathOf(descriptor)] = data;
        }

        var index = JsonNode.Parse(files["index.json"])!.AsObject();
        var top = index["manifests"]![0]!.AsObject();
        var manifest = Json(top);
        var image = Json(manifest["config"]!);
        image["config"] = config;
        Replace(manifest["config"]!.AsObject(), image);
        Replace(top, manifest);
        top["annotations"] = new JsonObject { ["io.containerd.image.name"] = name };
        files["index.json"] = JsonSerializer.SerializeToUtf8Bytes(index);

        var tar = Path.GetTempFileName();
        await using var writer = new TarWriter(File.Create(tar), TarEntryFormat.Pax);
        foreach (var (path, data) in files)
            await writer.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(data) });
        return tar;
    }

    private static string PathOf(JsonNode descriptor) => Blobs + ((string)descriptor["digest"]!)["sha256:".Length..];

    private static Dictionary<string, byte[]> Read(string tar)
    {
        var files = new Dictionary<string, byte[]>();
        using var reader = new TarReader(File.OpenRead(tar));
        while (reader.GetNextEntry() is TarEntry entry)
        {
            if (entry.DataStream is null)
                continue;
            using var memory = new MemoryStream();
            entry.DataStream.CopyTo(memory);
            files[entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name] = memory.ToArray();
        }

        return files;
    }
}

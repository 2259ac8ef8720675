using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Containerd.Testing;

namespace Containerd.PowerShell.Tests.Container;

/// <summary>The busybox image, or another one, with another configuration.</summary>
internal static class ChangedImage
{
    internal static async Task<string> MakeAsync(string folder, string name, Action<JsonObject> change, string? tar = null)
    {
        var layout = Directory.CreateDirectory(Path.Combine(folder, "layout")).FullName;
        await Shell.RunAsync("tar", "-xf", tar ?? await TestImages.BusyboxTarAsync(), "-C", layout);
        var index = Read(Path.Combine(layout, "index.json"));
        var entry = index["manifests"]![0]!;
        var manifest = Read(Blob(entry));
        var config = Read(Blob(manifest["config"]!));
        change(config["config"]!.AsObject());
        Write(config, manifest["config"]!);
        Write(manifest, entry);
        entry["annotations"]!["io.containerd.image.name"] = name;
        await File.WriteAllTextAsync(Path.Combine(layout, "index.json"), index.ToJsonString());
        tar = Path.Combine(folder, "image.tar");
        await Shell.RunAsync("tar", "-cf", tar, "-C", layout, ".");
        return tar;

        string Blob(JsonNode descriptor) => Path.Combine(layout, "blobs", "sha256", ((string)descriptor["digest"]!)["sha256:".Length..]);

        void Write(JsonObject document, JsonNode descriptor)
        {
            var bytes = System.Text.Encoding.UTF8.GetBytes(document.ToJsonString());
            descriptor["digest"] = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));
            descriptor["size"] = bytes.Length;
            File.WriteAllBytes(Blob(descriptor), bytes);
        }
    }

    private static JsonObject Read(string file) => JsonNode.Parse(File.ReadAllText(file))!.AsObject();
}

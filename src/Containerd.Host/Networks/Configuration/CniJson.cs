using System.Text.Json;
using System.Text.Json.Nodes;

namespace Containerd.Host.Networks.Configuration;

/// <summary>Values of JSON objects that other programs wrote: a value of another kind counts as absent.</summary>
internal static class CniJson
{
    internal static string? Text(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    internal static int? Number(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue<int>(out var number) ? number : null;

    internal static bool Flag(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    internal static IEnumerable<JsonObject> Objects(JsonNode? node) => node is JsonArray array ? array.OfType<JsonObject>() : [];

    /// <summary>Reads an object; null if the text is none.</summary>
    internal static JsonObject? Read(ReadOnlySpan<byte> text)
    {
        try
        {
            return JsonNode.Parse(text) is JsonObject found && IsWhole(found) ? found : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The bytes of a node.</summary>
    internal static byte[] Write(JsonNode node, bool indented = false)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = indented }))
            node.WriteTo(writer);
        return stream.ToArray();
    }

    // Names that occur twice are found only when an object is used.
    private static bool IsWhole(JsonNode? node)
    {
        try
        {
            return node switch
            {
                JsonObject o => o.All(p => IsWhole(p.Value)),
                JsonArray a => a.All(IsWhole),
                _ => true,
            };
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}

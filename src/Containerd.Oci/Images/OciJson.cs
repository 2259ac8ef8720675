using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Unicode;

namespace Containerd.Oci.Images;

/// <summary>JSON as image tools write it, read with limits and with one kind of error.</summary>
internal static class OciJson
{
    /// <summary>Larger than any real index, manifest or config; the document is held in memory.</summary>
    public const int MaxBytes = 10 << 20;

    /// <summary>
    /// More values than any real index, manifest or config has. Each value uses a multiple of its length in memory: ten million bytes can
    /// contain three million objects.
    /// </summary>
    public const int MaxValues = 200_000;

    // Go's readers allow ten thousand, which no image needs.
    private const int MaxDepth = 512;

    internal static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        PropertyNameCaseInsensitive = true,
        MaxDepth = MaxDepth,
        Converters = { new NullIsZero() },
    };

    // The JSON is not embedded in web pages, and the + of a media type should not be escaped.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(JsonNode json) => JsonSerializer.SerializeToUtf8Bytes(json, Plain);

    /// <summary>Finds a property regardless of case, as Go's readers do; null if there is none.</summary>
    public static JsonNode? Property(JsonObject json, string name) =>
        json.LastOrDefault(p => p.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>
    /// Parses a document that will be changed. If several properties have the same name, the last one is used, as in all readers of images.
    /// </summary>
    /// <exception cref="JsonException">It is not valid JSON.</exception>
    public static JsonNode? ParseNode(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(Readable(json), new JsonReaderOptions { MaxDepth = MaxDepth });
        using var document = JsonDocument.ParseValue(ref reader);
        return Node(document.RootElement);
    }

    private static JsonNode? Node(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Null:
                return null;
            case JsonValueKind.Array:
                return new JsonArray([.. element.EnumerateArray().Select(Node)]);
            case JsonValueKind.Object:
                var json = new JsonObject();
                foreach (var property in element.EnumerateObject())
                    json[property.Name] = Node(property.Value);
                return json;
            default:
                return JsonValue.Create(element.Clone());
        }
    }

    public static T Parse<T>(ReadOnlySpan<byte> json, string name, ImageOrigin origin)
        where T : class
    {
        try
        {
            if (!IsBounded(json))
                throw origin.Fault($"{name} has more than {MaxValues} JSON values");
        }
        catch (JsonException e)
        {
            throw origin.Fault($"{name} is not valid JSON (line {(e.LineNumber ?? 0) + 1})", cause: e);
        }

        try
        {
            return JsonSerializer.Deserialize<T>(Readable(json), Options) ?? throw origin.Fault($"{name} is empty JSON");
        }
        catch (JsonException e)
        {
            throw origin.Fault(
                $"{name} has something else than {Expected(e)} as its field '{e.Path?.TrimStart('$').TrimStart('.')}' (line "
                    + $"{(e.LineNumber ?? 0) + 1})",
                cause: e
            );
        }
    }

    /// <summary>Counts the values of a document without keeping them in memory.</summary>
    /// <exception cref="JsonException">It is not valid JSON.</exception>
    public static bool IsBounded(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(Readable(json), new JsonReaderOptions { MaxDepth = MaxDepth });
        for (var values = 0; reader.Read(); )
        {
            if (reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray) && ++values > MaxValues)
                return false;
        }

        return true;
    }

    // Bytes that are not UTF-8 are replaced; they are not a reason to reject an image.
    private static ReadOnlySpan<byte> Readable(ReadOnlySpan<byte> json) =>
        Utf8.IsValid(json) ? json : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json));

    // The message of the runtime contains the expected type.
    private static string Expected(JsonException error) =>
        error.Message switch
        {
            var text when text.Contains("System.Collections.Generic.List`1[System.String]", StringComparison.Ordinal) => "a list of texts",
            var text when text.Contains("System.Collections.Generic.List`1", StringComparison.Ordinal) => "a list",
            var text
                when text.Contains("System.String", StringComparison.Ordinal) && !text.Contains("Dictionary`2", StringComparison.Ordinal) =>
                "a text",
            var text when text.Contains("System.Int64", StringComparison.Ordinal) => "a whole number",
            var text when text.Contains("System.Boolean", StringComparison.Ordinal) => "true or false",
            _ => "an object",
        };

    /// <summary>null instead of a number is 0, as in Go's readers.</summary>
    private sealed class NullIsZero : JsonConverter<long>
    {
        public override bool HandleNull => true;

        public override long Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? 0
            : reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) ? number
            : throw new JsonException("The JSON value could not be converted to System.Int64.");

        public override void Write(Utf8JsonWriter writer, long value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
    }
}

using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Unicode;

namespace Containerd.Oci.Images;

/// <summary>JSON as image tools write it, read under a limit and with one kind of error.</summary>
internal static class OciJson
{
    /// <summary>More than any real index, manifest or config has; all of it is held in memory.</summary>
    public const int MaxBytes = 10 << 20;

    /// <summary>
    /// More values than any real index, manifest or config has. Each takes many times its length in memory: ten million bytes can hold
    /// three million objects.
    /// </summary>
    public const int MaxValues = 200_000;

    // Go's readers allow ten thousand; no image needs so many.
    private const int MaxDepth = 512;

    internal static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        PropertyNameCaseInsensitive = true,
        MaxDepth = MaxDepth,
        Converters = { new NullIsZero() },
    };

    // JSON is not put into web pages here, and a media type's + is to stay one.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(JsonNode json) => JsonSerializer.SerializeToUtf8Bytes(json, Plain);

    /// <summary>A property whatever its name's case, as Go's readers find it, and so ours; null when there is none.</summary>
    public static JsonNode? Property(JsonObject json, string name) =>
        json.LastOrDefault(p => p.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    /// <summary>A document to change. Of several properties of one name the last counts, as for every reader of images.</summary>
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

    /// <summary>Counts a document's values without holding any.</summary>
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

    // Bytes that are not UTF-8 are replaced, and refuse no image.
    private static ReadOnlySpan<byte> Readable(ReadOnlySpan<byte> json) =>
        Utf8.IsValid(json) ? json : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(json));

    // The runtime's message has the type that it wanted.
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

    /// <summary>null in a number's place is 0, as for Go's readers.</summary>
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

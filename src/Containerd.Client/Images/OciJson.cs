using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Containerd.Client;

/// <summary>JSON as image tools write it, read under a limit and with one kind of error.</summary>
internal static class OciJson
{
    /// <summary>More than any real index, manifest or config has; all of it is held in memory.</summary>
    public const int MaxBytes = 10 << 20;

    /// <summary>More values than any real index, manifest or config has. Each takes many times its length in memory: ten million bytes can hold three million objects.</summary>
    public const int MaxValues = 200_000;

    internal static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true };

    // JSON is not put into web pages here, and a media type's + is to stay one.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(JsonNode json) => JsonSerializer.SerializeToUtf8Bytes(json, Plain);

    /// <summary>A property whatever its name's case, as Go's readers find it, and so ours; null when there is none.</summary>
    public static JsonNode? Property(JsonObject json, string name) => json.FirstOrDefault(p => p.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    public static T Parse<T>(ReadOnlySpan<byte> json, string name, ImageOrigin origin)
        where T : class
    {
        try
        {
            if (!IsBounded(json)) throw origin.Fault($"{name} has more than {MaxValues} JSON values");
        }
        catch (JsonException e)
        {
            throw origin.Fault($"{name} is not valid JSON (line {(e.LineNumber ?? 0) + 1})", cause: e);
        }

        try
        {
            return JsonSerializer.Deserialize<T>(json, Options) ?? throw origin.Fault($"{name} is empty JSON");
        }
        catch (JsonException e)
        {
            throw origin.Fault($"{name} has a value of an unexpected kind at {e.Path} (line {(e.LineNumber ?? 0) + 1})", cause: e);
        }
    }

    /// <summary>Counts a document's values without holding any.</summary>
    /// <exception cref="JsonException">It is not valid JSON.</exception>
    public static bool IsBounded(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        for (var values = 0; reader.Read();)
        {
            if (reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray) && ++values > MaxValues) return false;
        }

        return true;
    }
}

using System.Text.Json;

namespace Containerd.Client;

/// <summary>JSON as image tools write it, read under a limit and with one kind of error.</summary>
internal static class OciJson
{
    /// <summary>More than any real index, manifest or config has; all of it is held in memory.</summary>
    public const int MaxBytes = 10 << 20;

    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true };

    public static T Parse<T>(ReadOnlySpan<byte> json, string name, ImageOrigin origin)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Options) ?? throw origin.Fault($"{name} is empty JSON");
        }
        catch (JsonException e)
        {
            throw origin.Fault($"{name} is not valid JSON (line {(e.LineNumber ?? 0) + 1})", cause: e);
        }
    }
}

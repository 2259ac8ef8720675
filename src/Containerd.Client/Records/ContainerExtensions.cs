using System.Collections;
using System.Globalization;
using System.Text.Json;
using Containerd.Client.Transport;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;

namespace Containerd.Client.Records;

/// <summary>Additional data that clients store with a container, by name (containers.v1 extensions).</summary>
internal static class ContainerExtensions
{
    /// <summary>The extensions as text: JSON unchanged, and for any other kind the name of the type.</summary>
    internal static CtrMap Read(MapField<string, Any> extensions)
    {
        var map = new CtrMap();
        foreach (var (name, value) in extensions.OrderBy(e => e.Key, StringComparer.Ordinal))
            map[name] = IsJson(value.Text()) ? value.Text() : value.TypeUrl;
        return map;
    }

    /// <summary>Adds extensions: each is stored as JSON, with its name as the type name.</summary>
    /// <exception cref="CtrArgumentException">InvalidExtension.</exception>
    internal static void Add(MapField<string, Any> extensions, IDictionary? given)
    {
        foreach (DictionaryEntry entry in given ?? new Hashtable())
        {
            var name = Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? "";
            try
            {
                extensions[name] = WireAny.Json(
                    name,
                    entry.Value is string text && IsJson(text) ? text : JsonSerializer.Serialize(entry.Value)
                );
            }
            catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException)
            {
                throw new CtrArgumentException($"The extension '{name}' cannot be written as JSON: {e.Message.TrimEnd('.')}.", e)
                {
                    ErrorId = ErrorIds.InvalidExtension,
                    Subject = name,
                    Remedy = "Use text, numbers, arrays, hashtables, or JSON.",
                };
            }
        }
    }

    private static bool IsJson(string text)
    {
        if (text.AsSpan().TrimStart() is not ['{' or '[' or '"', ..])
            return false;
        try
        {
            using var json = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

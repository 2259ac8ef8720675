using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Containerd;

/// <summary>Converts between spec objects, their JSON, and the dictionaries that users write.</summary>
internal static class CtrSpecJson
{
    private const int MaxDepth = 64;

    // What is written goes to a daemon or a file, never into a web page: quotes and plus signs stay readable.
    private static readonly CtrSpecJsonContext Plain = new(Options(indented: false));
    private static readonly CtrSpecJsonContext Indented = new(Options(indented: true));

    internal static T Parse<T>(string json)
        where T : CtrSpecNode
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            // A byte order mark comes with files that Windows editors wrote.
            return (T?)JsonSerializer.Deserialize(json.AsSpan().TrimStart('\uFEFF'), typeof(T), Plain)
                ?? throw Invalid("The spec is not a JSON object but null.", null);
        }
        catch (JsonException e)
        {
            throw Invalid(Describe(e), e);
        }
    }

    internal static string Write(CtrSpecNode node, bool indented) =>
        JsonSerializer.Serialize(node, node.GetType(), indented ? Indented : Plain);

    internal static T Clone<T>(T node)
        where T : CtrSpecNode => Parse<T>(Write(node, indented: false));

    internal static T FromDictionary<T>(IDictionary values)
        where T : CtrSpecNode
    {
        ArgumentNullException.ThrowIfNull(values);
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
            WriteValue(writer, values, typeof(T), "", 0);
        try
        {
            return (T)JsonSerializer.Deserialize(buffer.ToArray(), typeof(T), Plain)!;
        }
        catch (JsonException e)
        {
            // Lines and positions of a text that the caller never saw say nothing; the path does.
            throw Invalid($"The spec's field '{FieldOf(e)}' has a value of the wrong type.", e);
        }
    }

    private static JsonSerializerOptions Options(bool indented) =>
        new()
        {
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            MaxDepth = MaxDepth,
            PropertyNameCaseInsensitive = true,
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            WriteIndented = indented,
        };

    /// <summary>
    /// Writes the contents of a caller's dictionary as the JSON of <paramref name="target"/>, the type at this position of the spec, if one
    /// is known.
    /// </summary>
    private static void WriteValue(Utf8JsonWriter writer, object? value, Type? target, string path, int depth)
    {
        if (depth > MaxDepth)
            throw Invalid($"The spec is nested more than {MaxDepth} levels deep at '{path}'.", null);

        // One element of an array that PowerShell has unrolled.
        if (
            target is { IsArray: true }
            && value is not null
            && (value is string or IDictionary || value is not IEnumerable)
            && value is not JsonElement
        )
        {
            writer.WriteStartArray();
            WriteValue(writer, value, target.GetElementType(), $"{path}[0]", depth + 1);
            writer.WriteEndArray();
            return;
        }

        if (
            target == typeof(string)
            && value is bool or int or long or uint or ulong or short or ushort or byte or sbyte or decimal or double or float
        )
            value = value is bool flag ? (flag ? "true" : "false") : Convert.ToString(value, CultureInfo.InvariantCulture);

        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;
            case string text:
                writer.WriteStringValue(text);
                break;
            case char letter:
                writer.WriteStringValue(letter.ToString());
                break;
            case bool flag:
                writer.WriteBooleanValue(flag);
                break;
            case CtrSize size:
                writer.WriteNumberValue(size.Bytes);
                break;
            case ulong number:
                writer.WriteNumberValue(number);
                break;
            case sbyte or byte or short or ushort or int or uint or long:
                writer.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case decimal number:
                writer.WriteNumberValue(decimal.IsInteger(number) ? decimal.Truncate(number) : number);
                break;
            case float or double:
                WriteDouble(writer, Convert.ToDouble(value, CultureInfo.InvariantCulture), path);
                break;
            case Enum name:
                writer.WriteStringValue(name.ToString());
                break;
            case JsonElement element:
                element.WriteTo(writer);
                break;
            case CtrSpecNode node:
                JsonSerializer.Serialize(writer, node, node.GetType(), Plain);
                break;
            case IDictionary map:
                WriteMap(writer, map, target, path, depth);
                break;
            case IEnumerable list:
                WriteList(writer, list, target, path, depth);
                break;
            default:
                throw Invalid($"The spec's field '{path}' has a value of type {value.GetType().Name}, which has no form in a spec.", null);
        }
    }

    private static void WriteMap(Utf8JsonWriter writer, IDictionary map, Type? target, string path, int depth)
    {
        var valueType = target is null ? null : MapValueType(target);
        var info = target is null || valueType is not null ? null : Plain.GetTypeInfo(target);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        writer.WriteStartObject();
        foreach (DictionaryEntry entry in map)
        {
            var key = Convert.ToString(entry.Key, CultureInfo.InvariantCulture)!;
            var property = info?.Properties.FirstOrDefault(p =>
                !p.IsExtensionData && p.Name.Equals(key, StringComparison.OrdinalIgnoreCase)
            );
            var name = property?.Name ?? key;
            var field = path.Length == 0 ? name : $"{path}.{name}";
            if (!seen.Add(name))
                throw Invalid($"The spec's field '{field}' appears twice, in different letter cases.", null);
            if (entry.Value is null)
                continue;
            writer.WritePropertyName(name);
            WriteValue(writer, entry.Value, property?.PropertyType ?? valueType, field, depth + 1);
        }
        writer.WriteEndObject();
    }

    private static void WriteList(Utf8JsonWriter writer, IEnumerable list, Type? target, string path, int depth)
    {
        var index = 0;
        writer.WriteStartArray();
        foreach (var item in list)
            WriteValue(
                writer,
                item,
                target?.GetElementType(),
                string.Create(CultureInfo.InvariantCulture, $"{path}[{index++}]"),
                depth + 1
            );
        writer.WriteEndArray();
    }

    private static void WriteDouble(Utf8JsonWriter writer, double number, string path)
    {
        if (!double.IsFinite(number))
            throw Invalid($"The spec's field '{path}' is not a finite number.", null);
        // PowerShell's arithmetic gives doubles; the spec's numbers are whole, and an exponent would not be read as one.
        if (double.IsInteger(number) && Math.Abs(number) < (double)decimal.MaxValue)
            writer.WriteNumberValue((decimal)number);
        else
            writer.WriteNumberValue(number);
    }

    private static Type? MapValueType(Type type)
    {
        for (var t = type; t is not null; t = t.BaseType)
            if (t.IsGenericType && t.GetGenericTypeDefinition() == typeof(Dictionary<,>))
                return t.GetGenericArguments()[1];
        return null;
    }

    private static string Describe(JsonException e)
    {
        var text = new StringBuilder("The spec is not valid");
        if (e.LineNumber is { } line)
            text.Append(CultureInfo.InvariantCulture, $" at line {line + 1}, position {(e.BytePositionInLine ?? 0) + 1}");
        var field = FieldOf(e);
        // The parser's own sentence is about the text; the one about a field of the wrong type speaks of CLR types.
        text.Append(
            e.InnerException is JsonException syntax ? $": {Sentence(syntax.Message)}"
            : field.Length == 0 ? ": a JSON object was expected."
            : $": the field '{field}' has a value of the wrong type."
        );
        return text.ToString();
    }

    private static string FieldOf(JsonException e) => e.Path is { } path ? path.TrimStart('$').TrimStart('.') : "";

    private static string Sentence(string message)
    {
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }

    private static CtrArgumentException Invalid(string message, Exception? cause) =>
        new(message, cause)
        {
            ErrorId = ErrorIds.InvalidSpec,
            RemedyId = "NewSpec",
            Remedy = "Compare it with config.md of the OCI runtime specification, or start from a spec that is known to be valid.",
        };
}

/// <summary>
/// The serialization of the spec's types, generated at build time: no reflection is needed when the first container is listed.
/// </summary>
[JsonSerializable(typeof(CtrSpec))]
[JsonSerializable(typeof(CtrSpecProcess))]
[JsonSerializable(typeof(CtrSpecResources))]
[JsonSerializable(typeof(CtrSpecSeccomp))]
[JsonSerializable(typeof(CtrSpecHook))]
internal sealed partial class CtrSpecJsonContext : JsonSerializerContext { }

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Containerd;

/// <summary>Any object of an OCI runtime spec.</summary>
public abstract class CtrSpecNode
{
    /// <summary>The fields that this module has no property for, by their names in the spec; they are written back as they came.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }

    /// <summary>Writes the object as JSON, with the spec's own names; what is null is left out.</summary>
    /// <param name="indented">Whether to write it over several lines, for people.</param>
    /// <returns>The JSON text.</returns>
    public string ToJson(bool indented = true) => CtrSpecJson.Write(this, indented);
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Containerd;

/// <summary>Any object of an OCI runtime spec.</summary>
public abstract class CtrSpecNode
{
    /// <summary>The fields that have no property in this module, by their names in the spec; they are written back unchanged.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Extra { get; set; }

    /// <summary>Writes the object as JSON, with the spec's own names; properties that are null are omitted.</summary>
    /// <param name="indented">Whether to write it on several lines, for readability.</param>
    /// <returns>The JSON text.</returns>
    public string ToJson(bool indented = true) => CtrSpecJson.Write(this, indented);
}

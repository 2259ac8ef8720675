using System.Text.Json.Serialization;

namespace Containerd.Host.Volumes;

/// <summary>The JSON of the documents about volumes.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault
)]
[JsonSerializable(typeof(VolumeRecord))]
[JsonSerializable(typeof(VolumeOwner))]
internal sealed partial class VolumeJson : JsonSerializerContext;

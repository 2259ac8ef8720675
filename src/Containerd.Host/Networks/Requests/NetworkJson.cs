using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Containerd.Host.Networks.Requests;

/// <summary>The JSON of the module's own documents about networks. The helper program is compiled ahead of time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(NetworkRequest))]
[JsonSerializable(typeof(AttachmentRecord))]
[JsonSerializable(typeof(NetworkFailure))]
[JsonSerializable(typeof(SweepRequest))]
[JsonSerializable(typeof(SweepReport))]
[JsonSerializable(typeof(ChangeRequest))]
[JsonSerializable(typeof(ChangeReport))]
[JsonSerializable(typeof(RepairRequest))]
[JsonSerializable(typeof(RepairReport))]
internal sealed partial class NetworkJson : JsonSerializerContext
{
    /// <summary>Without escapes for HTML: other clients show the error of a runtime as it is.</summary>
    internal static NetworkJson CreateReadable() =>
        new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

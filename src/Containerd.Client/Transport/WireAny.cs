using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Containerd.Client.Transport;

/// <summary>containerd's type URLs have no slash and may indicate JSON, so Any is packed manually here.</summary>
internal static class WireAny
{
    internal const string Spec = "types.containerd.io/opencontainers/runtime-spec/1/Spec";
    internal const string Process = "types.containerd.io/opencontainers/runtime-spec/1/Process";

    internal const string LinuxResources = "types.containerd.io/opencontainers/runtime-spec/1/LinuxResources";

    internal static Any Json(string typeUrl, string json) => new() { TypeUrl = typeUrl, Value = ByteString.CopyFromUtf8(json) };

    internal static Any Pack(IMessage message) => new() { TypeUrl = message.Descriptor.FullName, Value = message.ToByteString() };

    /// <summary>The full name of the message inside; some shims write it after a slash.</summary>
    internal static string Kind(this Any any) => any.TypeUrl[(any.TypeUrl.LastIndexOf('/') + 1)..];

    internal static string Text(this Any any) => Encoding.UTF8.GetString(any.Value.Span);
}

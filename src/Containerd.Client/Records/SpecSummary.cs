using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Google.Protobuf.WellKnownTypes;

namespace Containerd.Client.Records;

/// <summary>
/// The parts of a stored spec that a list of containers shows. They are read from its bytes in one pass that skips everything else: of a
/// list of many containers, most specs are never needed as a whole.
/// </summary>
internal sealed class SpecSummary
{
    private static readonly SpecSummary None = new();
    private static readonly JsonTypeInfo<SpecSummary> Json = SpecSummaryJson.Default.SpecSummary;

    // Editors write it.
    private static ReadOnlySpan<byte> ByteOrderMark => "\uFEFF"u8;

    /// <summary>The process.</summary>
    public ProcessPart? Process { get; set; }

    /// <summary>The mounts.</summary>
    public MountPart?[]? Mounts { get; set; }

    /// <summary>The annotations.</summary>
    public CtrMap? Annotations { get; set; }

    /// <summary>The settings for Linux.</summary>
    public LinuxPart? Linux { get; set; }

    /// <summary>The summary of a spec; an empty one for a spec that is not stored or cannot be read.</summary>
    internal static SpecSummary Of(Any? stored)
    {
        if (stored is not { Value.IsEmpty: false })
            return None;
        try
        {
            var text = stored.Value.Span;
            return JsonSerializer.Deserialize(text.StartsWith(ByteOrderMark) ? text[ByteOrderMark.Length..] : text, Json) ?? None;
        }
        catch (JsonException)
        {
            return None;
        }
    }

    /// <summary>The process of a spec.</summary>
    internal sealed class ProcessPart
    {
        /// <summary>Its command line.</summary>
        public string[]? Args { get; set; }
    }

    /// <summary>A mount of a spec.</summary>
    internal sealed class MountPart
    {
        /// <summary>The path that is mounted.</summary>
        public string? Source { get; set; }
    }

    /// <summary>The settings for Linux.</summary>
    internal sealed class LinuxPart
    {
        /// <summary>The namespaces that the container has of its own, or joins.</summary>
        public NamespacePart?[]? Namespaces { get; set; }
    }

    /// <summary>A namespace of the kernel.</summary>
    internal sealed class NamespacePart
    {
        /// <summary>Its type.</summary>
        public string? Type { get; set; }
    }
}

/// <summary>Reads <see cref="SpecSummary"/> without reflection. The names match in any case, as in <see cref="CtrSpec"/>.</summary>
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true, MaxDepth = 64)]
[JsonSerializable(typeof(SpecSummary))]
internal sealed partial class SpecSummaryJson : JsonSerializerContext;

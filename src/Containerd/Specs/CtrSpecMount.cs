using System.Text.Json.Serialization;

namespace Containerd;

/// <summary>The container's root filesystem (OCI runtime spec, config.md, Root).</summary>
public sealed class CtrSpecRoot : CtrSpecNode
{
    /// <summary>Where it is on the host, absolute or relative to the bundle.</summary>
    public string Path { get; set; } = "";

    /// <summary>Whether the container can only read it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Readonly { get; set; }

    /// <summary>The path.</summary>
    /// <returns>The path on the host.</returns>
    public override string ToString() => Path;
}

/// <summary>Something that is mounted in a container (OCI runtime spec, config.md, Mounts).</summary>
[PipelineObject(Depth = 6)]
public sealed class CtrSpecMount : CtrSpecNode
{
    /// <summary>The mount point: an absolute path in the container.</summary>
    public string Destination { get; set; } = "";

    /// <summary>The filesystem's type, such as <c>tmpfs</c> or <c>bind</c>.</summary>
    public string? Type { get; set; }

    /// <summary>A device or directory of the host, or any name for a filesystem without one.</summary>
    public string? Source { get; set; }

    /// <summary>Mount options as in fstab, such as <c>rbind</c>, <c>ro</c>, <c>size=64m</c>.</summary>
    public string[]? Options { get; set; }

    /// <summary>How user ids of the filesystem are mapped in the container, for an id-mapped mount.</summary>
    public CtrSpecIdMapping[]? UidMappings { get; set; }

    /// <summary>How group ids of the filesystem are mapped in the container, for an id-mapped mount.</summary>
    public CtrSpecIdMapping[]? GidMappings { get; set; }

    /// <summary>The mount.</summary>
    /// <returns>Source and destination.</returns>
    public override string ToString() => Source is null ? Destination : $"{Source}:{Destination}";
}

/// <summary>
/// A range of user or group ids of the container and the ids of the host that stand for them (OCI runtime spec, config-linux.md, User
/// namespace mappings).
/// </summary>
public sealed class CtrSpecIdMapping : CtrSpecNode
{
    /// <summary>The first id in the container.</summary>
    [JsonPropertyName("containerID")]
    public uint ContainerId { get; set; }

    /// <summary>The first id on the host.</summary>
    [JsonPropertyName("hostID")]
    public uint HostId { get; set; }

    /// <summary>How many ids the range has.</summary>
    public uint Size { get; set; }

    /// <summary>The range.</summary>
    /// <returns>The form <c>container:host:size</c>.</returns>
    public override string ToString() => $"{ContainerId}:{HostId}:{Size}";
}

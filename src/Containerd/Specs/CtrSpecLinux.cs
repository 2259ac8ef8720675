using System.Text.Json.Serialization;

namespace Containerd;

/// <summary>The settings for Linux containers only (OCI runtime spec, config-linux.md).</summary>
[PipelineObject(Depth = 6)]
public sealed class CtrSpecLinux : CtrSpecNode
{
    /// <summary>The user ids of the container's user namespace.</summary>
    public CtrSpecIdMapping[]? UidMappings { get; set; }

    /// <summary>The group ids of the container's user namespace.</summary>
    public CtrSpecIdMapping[]? GidMappings { get; set; }

    /// <summary>Kernel parameters of the container's namespaces, such as <c>net.ipv4.ip_forward</c>.</summary>
    public CtrMap? Sysctl { get; set; }

    /// <summary>The limits of the container's cgroup.</summary>
    public CtrSpecResources? Resources { get; set; }

    /// <summary>
    /// The container's cgroup: a path below each hierarchy's root, or <c>slice:prefix:name</c> for a runtime that goes through systemd.
    /// </summary>
    public string? CgroupsPath { get; set; }

    /// <summary>The namespaces that the container creates or joins; a kind that is not listed is shared with the host.</summary>
    public CtrSpecNamespace[]? Namespaces { get; set; }

    /// <summary>Device nodes that are created in the container in addition to the default ones.</summary>
    public CtrSpecDevice[]? Devices { get; set; }

    /// <summary>Which system calls are allowed; null for all.</summary>
    public CtrSpecSeccomp? Seccomp { get; set; }

    /// <summary>
    /// The propagation of mounts between the root filesystem and the host: <c>shared</c>, <c>slave</c>, <c>private</c> or
    /// <c>unbindable</c>.
    /// </summary>
    public string? RootfsPropagation { get; set; }

    /// <summary>Paths that the container cannot read.</summary>
    public string[]? MaskedPaths { get; set; }

    /// <summary>Paths that the container cannot write.</summary>
    public string[]? ReadonlyPaths { get; set; }

    /// <summary>The SELinux label of the container's mounts.</summary>
    public string? MountLabel { get; set; }

    /// <summary>Limits on cache and memory bandwidth by Intel's Resource Director Technology.</summary>
    public CtrSpecIntelRdt? IntelRdt { get; set; }

    /// <summary>The execution domain of the container's processes.</summary>
    public CtrSpecPersonality? Personality { get; set; }

    /// <summary>
    /// How far the clocks of the container's time namespace are off the host's, by clock: <c>monotonic</c>, <c>boottime</c>.
    /// </summary>
    public Dictionary<string, CtrSpecTimeOffset>? TimeOffsets { get; set; }
}

/// <summary>A namespace of a container (OCI runtime spec, config-linux.md, Namespaces).</summary>
public sealed class CtrSpecNamespace : CtrSpecNode
{
    /// <summary>
    /// The kind: <c>pid</c>, <c>network</c>, <c>mount</c>, <c>ipc</c>, <c>uts</c>, <c>user</c>, <c>cgroup</c> or <c>time</c>.
    /// </summary>
    public string Type { get; set; } = "";

    /// <summary>An existing namespace to join; null for a new one.</summary>
    public string? Path { get; set; }

    /// <summary>The namespace.</summary>
    /// <returns>Its kind, and the path where one is joined.</returns>
    public override string ToString() => Path is null ? Type : $"{Type}:{Path}";
}

/// <summary>A device node in a container (OCI runtime spec, config-linux.md, Devices).</summary>
public sealed class CtrSpecDevice : CtrSpecNode
{
    /// <summary>The path in the container.</summary>
    public string Path { get; set; } = "";

    /// <summary>The kind: <c>c</c> or <c>u</c> for a character device, <c>b</c> for a block device, <c>p</c> for a FIFO.</summary>
    public string Type { get; set; } = "";

    /// <summary>The major number.</summary>
    public long Major { get; set; }

    /// <summary>The minor number.</summary>
    public long Minor { get; set; }

    /// <summary>The permission bits, as a decimal number in JSON; null for the runtime's default.</summary>
    public uint? FileMode { get; set; }

    /// <summary>The owner's id in the container.</summary>
    public uint? Uid { get; set; }

    /// <summary>The group's id in the container.</summary>
    public uint? Gid { get; set; }

    /// <summary>The device.</summary>
    /// <returns>Its path in the container.</returns>
    public override string ToString() => Path;
}

/// <summary>The offset of one clock in a time namespace (OCI runtime spec, config-linux.md, Offset for time namespace).</summary>
public sealed class CtrSpecTimeOffset : CtrSpecNode
{
    /// <summary>Whole seconds.</summary>
    public long? Secs { get; set; }

    /// <summary>Nanoseconds on top of them.</summary>
    public uint? Nanosecs { get; set; }
}

/// <summary>Intel's Resource Director Technology (OCI runtime spec, config-linux.md, IntelRdt).</summary>
public sealed class CtrSpecIntelRdt : CtrSpecNode
{
    /// <summary>The class of service.</summary>
    [JsonPropertyName("closID")]
    public string? ClosId { get; set; }

    /// <summary>Which parts of the level 3 cache it may fill.</summary>
    public string? L3CacheSchema { get; set; }

    /// <summary>How much memory bandwidth it may take.</summary>
    public string? MemBwSchema { get; set; }

    /// <summary>Whether the occupancy of the cache is measured.</summary>
    [JsonPropertyName("enableCMT")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool EnableCmt { get; set; }

    /// <summary>Whether the memory bandwidth is measured.</summary>
    [JsonPropertyName("enableMBM")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool EnableMbm { get; set; }
}

/// <summary>The execution domain of a process (OCI runtime spec, config-linux.md, Personality).</summary>
public sealed class CtrSpecPersonality : CtrSpecNode
{
    /// <summary>The domain: <c>LINUX</c> or <c>LINUX32</c>.</summary>
    public string Domain { get; set; } = "";

    /// <summary>Flags of the domain.</summary>
    public string[]? Flags { get; set; }
}

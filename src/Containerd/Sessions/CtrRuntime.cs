namespace Containerd;

/// <summary>
/// A runtime that tasks can have: the shim that the daemon starts, and what the runtime behind it says of itself (introspection.v1
/// PluginInfo, since containerd
/// 2.0; before, only what the daemon's host shows).
/// </summary>
[PipelineObject(nameof(Name), nameof(IsDefault), nameof(Version), nameof(ShimPath))]
public sealed class CtrRuntime
{
    /// <summary>The name by which containers ask for it, such as <c>io.containerd.runc.v2</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>The shim's program on the daemon's host; null where the daemon's PATH cannot be seen from here.</summary>
    public string? ShimPath { get; set; }

    /// <summary>
    /// Whether containers get it that ask for none: the namespace's label <c>containerd.io/defaults/runtime</c>, else containerd's own
    /// default.
    /// </summary>
    public bool IsDefault { get; set; }

    /// <summary>The version that the shim says it has; null where the daemon cannot tell.</summary>
    public string? Version { get; set; }

    /// <summary>The source revision that the shim was built from; null where the daemon cannot tell.</summary>
    public string? Revision { get; set; }

    /// <summary>
    /// What the runtime can do, as JSON in the form of the OCI runtime spec's features document; null where it does not tell.
    /// </summary>
    public string? Features { get; set; }

    /// <summary>What the shim says of itself; empty where the daemon cannot tell.</summary>
    public CtrMap Annotations { get; set; } = [];

    /// <summary>The session that it came from.</summary>
    public CtrSession? Session { get; set; }

    /// <summary>The runtime's name.</summary>
    /// <returns>The name, which New-CtrContainer -Runtime takes.</returns>
    public override string ToString() => Name;
}

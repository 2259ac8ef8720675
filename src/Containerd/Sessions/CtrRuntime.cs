namespace Containerd;

/// <summary>
/// A runtime for tasks: the shim that the daemon starts, and the data that the runtime behind it reports (introspection.v1 PluginInfo,
/// containerd 2.0 and later; before, only the data that is visible on the daemon's host).
/// </summary>
[PipelineObject(nameof(Name), nameof(IsDefault), nameof(Version), nameof(ShimPath))]
public sealed class CtrRuntime
{
    /// <summary>The name that containers use for it, such as <c>io.containerd.runc.v2</c>.</summary>
    public string Name { get; set; } = "";

    /// <summary>The path of the shim on the daemon's host; null if the daemon's PATH is not known.</summary>
    public string? ShimPath { get; set; }

    /// <summary>
    /// Whether containers that do not specify a runtime use it: the label <c>containerd.io/defaults/runtime</c> of the namespace, or else
    /// containerd's own default.
    /// </summary>
    public bool IsDefault { get; set; }

    /// <summary>The version that the shim reports; null if the daemon does not support the query.</summary>
    public string? Version { get; set; }

    /// <summary>The source revision that the shim was built from; null if the daemon does not support the query.</summary>
    public string? Revision { get; set; }

    /// <summary>
    /// The features of the runtime, as JSON in the form of the OCI runtime spec's features document; null if it does not report them.
    /// </summary>
    public string? Features { get; set; }

    /// <summary>Annotations that the shim reports; empty if the daemon does not support the query.</summary>
    public CtrMap Annotations { get; set; } = [];

    /// <summary>The session that it came from.</summary>
    public CtrSession? Session { get; set; }

    /// <summary>The runtime's name.</summary>
    /// <returns>The name, which New-CtrContainer -Runtime takes.</returns>
    public override string ToString() => Name;
}

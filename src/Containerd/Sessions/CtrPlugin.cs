namespace Containerd;

/// <summary>A component of a daemon (introspection.v1 Plugin).</summary>
[PipelineObject(nameof(Type), nameof(Id), nameof(State), nameof(Platforms), Key = new[] { nameof(Type), nameof(Id) }, Word = nameof(Id))]
public sealed class CtrPlugin
{
    /// <summary>Its type, such as <c>io.containerd.snapshotter.v1</c>.</summary>
    public string Type { get; set; } = "";

    /// <summary>Its name among the plugins of its type, such as <c>overlayfs</c>.</summary>
    public string Id { get; set; } = "";

    /// <summary>The state of the plugin.</summary>
    public CtrPluginState State { get; set; }

    /// <summary>The reason for which it does not work; null for a working plugin.</summary>
    public string? Error { get; set; }

    /// <summary>The platforms that it serves, such as <c>linux/amd64</c>; empty for any.</summary>
    public string[] Platforms { get; set; } = [];

    /// <summary>The types of the plugins that it requires.</summary>
    public string[] Requires { get; set; } = [];

    /// <summary>Its capabilities, such as <c>rebase</c> of a snapshotter.</summary>
    public string[] Capabilities { get; set; } = [];

    /// <summary>Data that it publishes, such as the <c>root</c> folder of a snapshotter.</summary>
    public CtrMap Exports { get; set; } = [];

    /// <summary>The session that it came from.</summary>
    public CtrSession? Session { get; set; }

    /// <summary>Type and id, as containerd's configuration names it.</summary>
    /// <returns>A text such as <c>io.containerd.snapshotter.v1.overlayfs</c>.</returns>
    public override string ToString() => $"{Type}.{Id}";
}

namespace Containerd;

/// <summary>One of the parts that a daemon is made of (introspection.v1 Plugin).</summary>
[PipelineObject(nameof(Type), nameof(Id), nameof(State), nameof(Platforms), Key = new[] { nameof(Type), nameof(Id) }, Word = nameof(Id))]
public sealed class CtrPlugin
{
    /// <summary>What it is for, such as <c>io.containerd.snapshotter.v1</c>.</summary>
    public string Type { get; set; } = "";

    /// <summary>Its name among those of its type, such as <c>overlayfs</c>.</summary>
    public string Id { get; set; } = "";

    /// <summary>Whether it works.</summary>
    public CtrPluginState State { get; set; }

    /// <summary>Why it does not work; null for one that does.</summary>
    public string? Error { get; set; }

    /// <summary>The platforms that it serves, such as <c>linux/amd64</c>; empty for any.</summary>
    public string[] Platforms { get; set; } = [];

    /// <summary>The types of the plugins that it builds upon.</summary>
    public string[] Requires { get; set; } = [];

    /// <summary>What it says it can do, such as a snapshotter's <c>rebase</c>.</summary>
    public string[] Capabilities { get; set; } = [];

    /// <summary>What it tells of itself, such as a snapshotter's <c>root</c> folder.</summary>
    public CtrMap Exports { get; set; } = [];

    /// <summary>The session that it came from.</summary>
    public CtrSession? Session { get; set; }

    /// <summary>Type and id, as containerd's configuration names it.</summary>
    /// <returns>A text such as <c>io.containerd.snapshotter.v1.overlayfs</c>.</returns>
    public override string ToString() => $"{Type}.{Id}";
}

namespace Containerd;

/// <summary>
/// One mount of a container that its creator requested. The file systems of the kernel that every container has are not shown.
/// </summary>
[PipelineObject(nameof(Type), nameof(Name), nameof(Source), nameof(Destination), nameof(ReadOnly), Key = new[] { nameof(Destination) })]
public sealed class CtrContainerMount
{
    /// <summary>What is mounted: <c>volume</c>, <c>bind</c>, or a file system of the kernel such as <c>tmpfs</c>.</summary>
    public string Type { get; set; } = "";

    /// <summary>The name of the volume; empty for other mounts.</summary>
    public string Name { get; set; } = "";

    /// <summary>The path on the daemon's host, or the source that the file system has.</summary>
    public string Source { get; set; } = "";

    /// <summary>The path in the container.</summary>
    public string Destination { get; set; } = "";

    /// <summary>Whether the container cannot write to it.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>The options of the mount in the spec (config.md, Mounts).</summary>
    public string[] Options { get; set; } = [];

    /// <summary>The source and the destination, as -Volume accepts them.</summary>
    /// <returns>The text.</returns>
    public override string ToString() =>
        $"{(Name.Length > 0 ? Name : Source.Length > 0 ? Source : Type)}:{Destination}{(ReadOnly ? ":ro" : "")}";
}

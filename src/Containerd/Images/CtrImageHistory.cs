namespace Containerd;

/// <summary>One build step of an image, as its config records it (OCI image spec, history).</summary>
[PipelineObject(nameof(CreatedAt), nameof(Size), nameof(Layer), nameof(CreatedBy), Key = new[] { nameof(CreatedBy) }, Depth = 2)]
public sealed class CtrImageHistory
{
    /// <summary>The time of the step, in local time; null if the config does not contain it.</summary>
    public DateTime? CreatedAt { get; set; }

    /// <summary>The command of the step, such as the command line of a builder; empty if the config does not contain it.</summary>
    public string CreatedBy { get; set; } = "";

    /// <summary>The author of the step; empty if the config does not contain it.</summary>
    public string Author { get; set; } = "";

    /// <summary>The comment of the author; empty for none.</summary>
    public string Comment { get; set; } = "";

    /// <summary>The digest of the layer that the step created; empty for a step that changed no files.</summary>
    public string Layer { get; set; } = "";

    /// <summary>The stored size of that layer, in bytes; 0 for none.</summary>
    public long? Size { get; set; }

    /// <summary>The command of the step.</summary>
    /// <returns>The same as CreatedBy.</returns>
    public override string ToString() => CreatedBy;
}

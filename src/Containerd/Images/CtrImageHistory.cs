namespace Containerd;

/// <summary>One step in the making of an image, as its config keeps it (OCI image spec, history).</summary>
[PipelineObject(nameof(CreatedAt), nameof(Size), nameof(Layer), nameof(CreatedBy), Key = new[] { nameof(CreatedBy) }, Depth = 2)]
public sealed class CtrImageHistory
{
    /// <summary>When it was done, local time; null when the config does not say.</summary>
    public DateTime? CreatedAt { get; set; }

    /// <summary>What was done, such as a builder's command line; empty when the config does not say.</summary>
    public string CreatedBy { get; set; } = "";

    /// <summary>Who did it; empty when the config does not say.</summary>
    public string Author { get; set; } = "";

    /// <summary>What its author remarked; empty for nothing.</summary>
    public string Comment { get; set; } = "";

    /// <summary>The digest of the layer that it made; empty for a step that changed no files.</summary>
    public string Layer { get; set; } = "";

    /// <summary>The bytes of that layer as it is stored; 0 for none.</summary>
    public long? Size { get; set; }

    /// <summary>What was done.</summary>
    /// <returns>The same as CreatedBy.</returns>
    public override string ToString() => CreatedBy;
}

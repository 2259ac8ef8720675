namespace Containerd;

/// <summary>
/// An unfinished write to the content store (content.v1 Status): somebody writes it right now, or left it to go on later.
/// </summary>
[PipelineObject(nameof(Reference), nameof(Offset), nameof(Total), nameof(UpdatedAt))]
public sealed class CtrIngest : CtrObject
{
    /// <summary>The writer's name for it.</summary>
    public string Reference { get; set; } = "";

    /// <summary>How many bytes are there.</summary>
    public long? Offset { get; set; }

    /// <summary>How many bytes it will have, in bytes; null when the writer did not say.</summary>
    public long? Total { get; set; }

    /// <summary>The digest that it must have; empty when the writer did not say.</summary>
    public string Expected { get; set; } = "";

    /// <summary>When the write began, local time.</summary>
    public DateTime StartedAt { get; set; }

    /// <summary>When bytes were last written, local time.</summary>
    public DateTime UpdatedAt { get; set; }

    /// <summary>The reference.</summary>
    /// <returns>The reference, which every cmdlet takes in the object's place.</returns>
    public override string ToString() => Reference;
}

namespace Containerd;

/// <summary>
/// An unfinished write to the content store (content.v1 Status): a client is writing it now, or stopped and may resume it later.
/// </summary>
[PipelineObject(nameof(Reference), nameof(Offset), nameof(Total), nameof(UpdatedAt))]
public sealed class CtrIngest : CtrObject
{
    /// <summary>The writer's name for it.</summary>
    public string Reference { get; set; } = "";

    /// <summary>The number of bytes written so far.</summary>
    public long? Offset { get; set; }

    /// <summary>The final number of bytes; null if the writer did not specify it.</summary>
    public long? Total { get; set; }

    /// <summary>The digest that it must have; empty if the writer did not specify it.</summary>
    public string Expected { get; set; } = "";

    /// <summary>The time at which the write started, in local time.</summary>
    public DateTime StartedAt { get; set; }

    /// <summary>The time at which bytes were last written, in local time.</summary>
    public DateTime UpdatedAt { get; set; }

    /// <summary>The reference.</summary>
    /// <returns>The reference, which every cmdlet accepts instead of the object.</returns>
    public override string ToString() => Reference;
}

namespace Containerd;

/// <summary>The health of a container, as the program that checks it has recorded it.</summary>
[PipelineObject(nameof(Status), nameof(FailingStreak), Key = new[] { nameof(Status) })]
public sealed class CtrHealth
{
    /// <summary>The status.</summary>
    public CtrHealthStatus Status { get; set; }

    /// <summary>How many checks have failed since the last one that succeeded.</summary>
    public int FailingStreak { get; set; }

    /// <summary>The status, as Docker writes it.</summary>
    /// <returns>A text such as <c>healthy</c>.</returns>
    public override string ToString() => Status.ToString().ToLowerInvariant();
}

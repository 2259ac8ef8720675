namespace Containerd;

/// <summary>One thing that is wrong with an image.</summary>
[PipelineObject(
    nameof(Kind),
    nameof(Platform),
    nameof(Message),
    Key = new[] { nameof(Kind), nameof(Platform) },
    Word = nameof(Message),
    Depth = 2
)]
public sealed class CtrImageProblem
{
    /// <summary>What kind of thing.</summary>
    public CtrImageProblemKind Kind { get; set; }

    /// <summary>The digest of the blob, or the name of the snapshot; empty where there is none.</summary>
    public string Digest { get; set; } = "";

    /// <summary>The platform that suffers from it; empty when all do.</summary>
    public string Platform { get; set; } = "";

    /// <summary>The same as a sentence.</summary>
    public string Message { get; set; } = "";

    /// <summary>The sentence.</summary>
    /// <returns>The same as Message.</returns>
    public override string ToString() => Message;
}

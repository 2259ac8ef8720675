namespace Containerd;

/// <summary>A problem of an image.</summary>
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
    /// <summary>The kind of problem.</summary>
    public CtrImageProblemKind Kind { get; set; }

    /// <summary>The digest of the blob, or the name of the snapshot; empty for none.</summary>
    public string Digest { get; set; } = "";

    /// <summary>The affected platform; empty if all platforms are affected.</summary>
    public string Platform { get; set; } = "";

    /// <summary>The problem as a sentence.</summary>
    public string Message { get; set; } = "";

    /// <summary>The sentence.</summary>
    /// <returns>The same as Message.</returns>
    public override string ToString() => Message;
}

namespace Containerd;

/// <summary>
/// A checkpoint: a task's processes with their memory, in a directory or an archive, and what is needed to make its container anew.
/// </summary>
[PipelineObject(
    nameof(ContainerId),
    nameof(CreatedAt),
    nameof(Size),
    nameof(Exit),
    nameof(Path),
    Key = new[] { nameof(Path) },
    Word = nameof(ContainerId)
)]
public sealed class CtrCheckpoint : CtrContainerObject
{
    /// <summary>The checkpoint's own id, by which a container that was restored from it is recognised.</summary>
    public string CheckpointId { get; set; } = "";

    /// <summary>The directory or archive.</summary>
    public string Path { get; set; } = "";

    /// <summary>Whether it is an archive rather than a directory.</summary>
    public bool IsArchive { get; set; }

    /// <summary>Its size in bytes: of all files of the directory, or of the archive.</summary>
    public long? Size { get; set; }

    /// <summary>The image that the container was made from; empty for none.</summary>
    public string Image { get; set; } = "";

    /// <summary>The runtime that ran the container, such as <c>io.containerd.runc.v2</c>.</summary>
    public string Runtime { get; set; } = "";

    /// <summary>When it was made, local time.</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>Whether the task ended with it.</summary>
    public bool Exit { get; set; }

    /// <summary>Whether it holds what the container had changed in its root file system.</summary>
    public bool HasRootfs { get; set; }

    /// <summary>Whether the process has a terminal.</summary>
    public bool Terminal { get; set; }

    /// <summary>The directory or archive.</summary>
    /// <returns>The path, which Restore-CtrContainer and Start-CtrTask -CheckpointPath take.</returns>
    public override string ToString() => Path;
}

namespace Containerd;

/// <summary>
/// A checkpoint: the processes of a task with their memory, in a directory or an archive, and the data that is needed to create its
/// container again.
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
    /// <summary>The id of the checkpoint, which identifies containers that were restored from it.</summary>
    public string CheckpointId { get; set; } = "";

    /// <summary>The directory or archive.</summary>
    public string Path { get; set; } = "";

    /// <summary>Whether it is an archive rather than a directory.</summary>
    public bool IsArchive { get; set; }

    /// <summary>Its size in bytes: of all files of the directory, or of the archive.</summary>
    public long? Size { get; set; }

    /// <summary>The image that the container was created from; empty for none.</summary>
    public string Image { get; set; } = "";

    /// <summary>The runtime that ran the container, such as <c>io.containerd.runc.v2</c>.</summary>
    public string Runtime { get; set; } = "";

    /// <summary>The time of its creation, in local time.</summary>
    public DateTime CreatedAt { get; set; }

    /// <summary>Whether the task was stopped by the checkpoint.</summary>
    public bool Exit { get; set; }

    /// <summary>Whether it contains the container's changes to its root file system.</summary>
    public bool HasRootfs { get; set; }

    /// <summary>Whether the process has a terminal.</summary>
    public bool Terminal { get; set; }

    /// <summary>The directory or archive.</summary>
    /// <returns>The path, which Restore-CtrContainer and Start-CtrTask -CheckpointPath take.</returns>
    public override string ToString() => Path;
}

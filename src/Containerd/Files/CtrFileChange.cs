namespace Containerd;

/// <summary>A change in the file system of a container, compared with its image.</summary>
[PipelineObject(
    nameof(Kind),
    nameof(Path),
    nameof(Type),
    nameof(Size),
    Key = new[] { nameof(ContainerId), nameof(Path) },
    Word = nameof(Path)
)]
public sealed class CtrFileChange : CtrContainerObject
{
    /// <summary>What happened to the path.</summary>
    public CtrFileChangeKind Kind { get; set; }

    /// <summary>The path in the container, from its root.</summary>
    public string Path { get; set; } = "";

    /// <summary>The type of the item; Unknown for a deleted one.</summary>
    public CtrFileType Type { get; set; }

    /// <summary>The size of a file, in bytes; null for anything else, and for another name of a file that is also listed.</summary>
    public long? Size { get; set; }

    /// <summary>The permissions, with the set-user-id, set-group-id and sticky bits; null for a deleted item.</summary>
    public int? Mode { get; set; }

    /// <summary>The id of the owner; null for a deleted item.</summary>
    public long? Uid { get; set; }

    /// <summary>The id of the group; null for a deleted item.</summary>
    public long? Gid { get; set; }

    /// <summary>The time of the last change of the content; null for a deleted item.</summary>
    public DateTime? ModifiedAt { get; set; }

    /// <summary>The target of a symbolic link, or the other name of a file with several names; null for anything else.</summary>
    public string? LinkTarget { get; set; }

    /// <summary>The change as Docker shows it.</summary>
    /// <returns>A text such as <c>A /etc/new</c>.</returns>
    public override string ToString() =>
        $"{Kind switch { CtrFileChangeKind.Added => 'A', CtrFileChangeKind.Deleted => 'D', _ => 'C' }} {Path}";
}

/// <summary>What happened to a path.</summary>
public enum CtrFileChangeKind
{
    /// <summary>The image does not have it.</summary>
    Added,

    /// <summary>The content or the metadata differs from the image. A directory is also modified if its entries were.</summary>
    Modified,

    /// <summary>Only the image has it; a deleted directory is listed without its content.</summary>
    Deleted,
}

/// <summary>The type of an item in a file system.</summary>
public enum CtrFileType
{
    /// <summary>The type is not known.</summary>
    Unknown,

    /// <summary>A regular file.</summary>
    File,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>A symbolic link.</summary>
    SymbolicLink,

    /// <summary>A character device.</summary>
    CharacterDevice,

    /// <summary>A block device.</summary>
    BlockDevice,

    /// <summary>A named pipe.</summary>
    NamedPipe,
}

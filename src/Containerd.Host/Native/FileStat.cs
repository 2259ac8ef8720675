namespace Containerd.Host.Native;

/// <summary>The type of a path.</summary>
internal enum FileKind
{
    Other,
    File,
    Directory,
    SymbolicLink,
    CharacterDevice,
    BlockDevice,
    NamedPipe,
    Socket,
}

/// <summary>A file timestamp.</summary>
internal readonly record struct FileTime(long Seconds, uint Nanoseconds);

/// <summary>The identity of a file, regardless of its names.</summary>
internal readonly record struct FileIdentity(uint Major, uint Minor, ulong Inode);

/// <summary>The status of a file.</summary>
internal readonly record struct FileStat(FileKind Kind, uint Mode, uint Uid, uint Gid, long Size, uint RdevMajor, uint RdevMinor)
{
    /// <summary>Its device and inode.</summary>
    internal FileIdentity Identity { get; init; }

    /// <summary>The number of hard links.</summary>
    internal uint Links { get; init; }

    /// <summary>The mount through which it was found.</summary>
    internal ulong Mount { get; init; }

    internal FileTime AccessedAt { get; init; }

    internal FileTime ModifiedAt { get; init; }

    /// <summary>Its mode without the type: permissions, set-user-id, set-group-id and sticky bit.</summary>
    internal uint Permissions => Mode & 0xFFF;
}

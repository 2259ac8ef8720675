namespace Containerd.Host.Native;

/// <summary>What a path is.</summary>
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

/// <summary>A time as files have it.</summary>
internal readonly record struct FileTime(long Seconds, uint Nanoseconds);

/// <summary>Which file it is, whatever names lead to it.</summary>
internal readonly record struct FileIdentity(uint Major, uint Minor, ulong Inode);

/// <summary>What the kernel says about a file.</summary>
internal readonly record struct FileStat(FileKind Kind, uint Mode, uint Uid, uint Gid, long Size, uint RdevMajor, uint RdevMinor)
{
    /// <summary>Its device and inode.</summary>
    internal FileIdentity Identity { get; init; }

    /// <summary>How many names lead to it.</summary>
    internal uint Links { get; init; }

    /// <summary>The mount that it was found through.</summary>
    internal ulong Mount { get; init; }

    internal FileTime AccessedAt { get; init; }

    internal FileTime ModifiedAt { get; init; }

    /// <summary>Its mode without its kind: permissions, set-user-id, set-group-id and sticky bit.</summary>
    internal uint Permissions => Mode & 0xFFF;
}

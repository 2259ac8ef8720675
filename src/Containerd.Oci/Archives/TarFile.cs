namespace Containerd.Oci.Archives;

/// <summary>The type of an entry in a tar.</summary>
internal enum TarFileKind
{
    /// <summary>A directory, a device, or anything else without data.</summary>
    Other,

    /// <summary>A file, sparse or not.</summary>
    File,

    /// <summary>A hard link to a file of the archive.</summary>
    HardLink,

    /// <summary>A symbolic link.</summary>
    SymbolicLink,
}

/// <summary>One entry of a tar.</summary>
/// <param name="Name">Its path in the archive.</param>
/// <param name="Kind">Its descriptor.</param>
/// <param name="LinkName">The target of a link.</param>
/// <param name="Length">A file's length, holes included.</param>
/// <param name="Data">The bytes of a file, which must be read before the next entry.</param>
internal sealed record TarFile(string Name, TarFileKind Kind, string LinkName, long Length, Stream Data)
{
    /// <summary>The path as it is in the archive, which may not be text.</summary>
    internal byte[] NameBytes { get; init; } = [];

    /// <summary>The target of a link as it is in the archive.</summary>
    internal byte[] LinkBytes { get; init; } = [];

    /// <summary>The header.</summary>
    internal byte[] Header { get; init; } = [];

    /// <summary>The records of the pax header.</summary>
    internal PaxRecords Pax { get; init; } = PaxRecords.None;
}

namespace Containerd.Oci.Archives;

/// <summary>What an entry of a tar is.</summary>
internal enum TarFileKind
{
    /// <summary>A directory, a device, or anything else without data.</summary>
    Other,

    /// <summary>A file, sparse or not.</summary>
    File,

    /// <summary>A second name for a file of the archive.</summary>
    HardLink,

    /// <summary>A symbolic link.</summary>
    SymbolicLink,
}

/// <summary>One entry of a tar.</summary>
/// <param name="Name">Its path, as the archive has it.</param>
/// <param name="Kind">What it is.</param>
/// <param name="LinkName">Where a link leads.</param>
/// <param name="Length">A file's length, holes included.</param>
/// <param name="Data">A file's bytes, to be read before the next entry.</param>
internal sealed record TarFile(string Name, TarFileKind Kind, string LinkName, long Length, Stream Data);

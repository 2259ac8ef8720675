namespace Containerd.Host;

/// <summary>How files are copied, for all items of one command.</summary>
public sealed record CopyOptions
{
    /// <summary>Whether a directory is copied with all that is in it; without it, it is refused.</summary>
    public bool Recurse { get; init; }

    /// <summary>Whether missing directories of the destination are made, and read-only and special files replaced.</summary>
    public bool Force { get; init; }

    /// <summary>
    /// Whether a source that is a symbolic link itself is copied as a link, and not what it leads to. In a tree links are always copied as
    /// such.
    /// </summary>
    public bool NoFollow { get; init; }

    /// <summary>Whether several items go to the same destination, which has to be a directory then.</summary>
    public bool IntoFolder { get; init; }

    /// <summary>Is told, in a sentence each, what was left out or could not be kept.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>What this command has written so far by the names that it was given, so that no item replaces another one.</summary>
    internal HashSet<Native.FileIdentity> Written { get; } = [];
}

/// <summary>How far a copy is.</summary>
/// <param name="Items">How many files, directories and links were begun.</param>
/// <param name="Done">How many bytes were copied.</param>
/// <param name="Total">How many there are; 0 when it is not known.</param>
/// <param name="Item">What is copied at the moment.</param>
public readonly record struct CopyProgress(long Items, long Done, long Total, string Item);

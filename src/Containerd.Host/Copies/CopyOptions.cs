namespace Containerd.Host;

/// <summary>The copy options for all items of one command.</summary>
public sealed record CopyOptions
{
    /// <summary>Whether directories are copied with their contents; otherwise they are rejected.</summary>
    public bool Recurse { get; init; }

    /// <summary>Whether missing directories of the destination are created, and read-only and special files are replaced.</summary>
    public bool Force { get; init; }

    /// <summary>
    /// Whether a source that is a symbolic link is copied as a link, instead of its target. In a tree, links are always copied as links.
    /// </summary>
    public bool NoFollow { get; init; }

    /// <summary>Whether several items have the same destination, which must then be a directory.</summary>
    public bool IntoFolder { get; init; }

    /// <summary>Called with one sentence for each kind of item or attribute that was omitted or could not be preserved.</summary>
    public Action<string>? Warn { get; init; }

    /// <summary>The paths that this command has written so far, so that no item replaces another one.</summary>
    internal HashSet<Native.FileIdentity> Written { get; } = [];
}

/// <summary>The progress of a copy.</summary>
/// <param name="Items">The number of files, directories and links so far.</param>
/// <param name="Done">The number of copied bytes.</param>
/// <param name="Total">The total number of bytes; 0 if it is not known.</param>
/// <param name="Item">The current item.</param>
public readonly record struct CopyProgress(long Items, long Done, long Total, string Item);

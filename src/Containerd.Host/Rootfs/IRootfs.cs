namespace Containerd.Host;

/// <summary>
/// The files of a container's root filesystem, to read. A path is one of the container: neither a link nor <c>..</c> leads out of it.
/// </summary>
public interface IRootfs
{
    /// <summary>Opens a file.</summary>
    /// <param name="path">The path in the container.</param>
    /// <returns>Its content, which must not be used after the callback has returned; null when there is no such regular file.</returns>
    public Stream? OpenRead(string path);

    /// <summary>Whether a path leads to something.</summary>
    /// <param name="path">The path in the container.</param>
    /// <returns>True for a file, directory or device; false for nothing, and for a link to nothing.</returns>
    public bool Exists(string path);

    /// <summary>Names what is in a directory.</summary>
    /// <param name="path">The path in the container.</param>
    /// <returns>The entries' names, in no order; null when there is no such directory.</returns>
    public IReadOnlyList<string>? List(string path);
}

namespace Containerd.Host;

/// <summary>
/// Reads files of a container's root filesystem. Paths are those of the container: neither links nor <c>..</c> can leave it.
/// </summary>
public interface IRootfs
{
    /// <summary>Opens a file.</summary>
    /// <param name="path">The path in the container.</param>
    /// <returns>Its content, which must not be used after the callback has returned; null if there is no such regular file.</returns>
    public Stream? OpenRead(string path);

    /// <summary>Whether a path exists.</summary>
    /// <param name="path">The path in the container.</param>
    /// <returns>True for a file, directory or device; false if it does not exist, and for a dangling link.</returns>
    public bool Exists(string path);

    /// <summary>Lists a directory.</summary>
    /// <param name="path">The path in the container.</param>
    /// <returns>The names of the entries, in no particular order; null if the directory does not exist.</returns>
    public IReadOnlyList<string>? List(string path);
}

using Containerd.Host.Mounts;
using Containerd.Host.Native;

namespace Containerd.Host.Files;

/// <summary>
/// Removes folders that this module created, with their contents. This is the only code that does: it does not follow symbolic links, and
/// keeps a folder in which something is mounted, because the content of a mount belongs to another file system or to another directory.
/// </summary>
internal static class PrivateTree
{
    /// <summary>Removes a folder.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="IOException">A file system is mounted in it, or it cannot be removed.</exception>
    internal static void Remove(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            // A link to a folder is removed itself.
            if (!LibcMounts.TryStat(path, followLinks: false, out var stat) || stat.Kind != FileKind.Directory)
            {
                File.Delete(path);
                return;
            }

            if (TrustedFolder.RealPath(path, followLinks: false) is { } real && MountTable.Below(real) is { } mounted)
                throw new IOException($"A file system is mounted on '{mounted}'.");
        }

        Directory.Delete(path, recursive: true);
    }

    /// <summary>Removes as much of a folder as possible.</summary>
    /// <param name="path">The folder.</param>
    /// <returns>Whether it was removed.</returns>
    internal static bool TryRemove(string path)
    {
        try
        {
            Remove(path);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}

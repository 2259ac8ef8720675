using System.Runtime.Versioning;
using System.Text;
using Containerd.Host.Native;

namespace Containerd.Host.Networks.Names;

/// <summary>
/// A file of the host that is mounted into a container. The container has the file itself, not its name, so it is written in place: all
/// bytes with one write, then cut to their length. It is never empty in between.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class MountedFile
{
    private const int LongestFile = 1 << 20;

    /// <summary>Changes the text of a file.</summary>
    /// <returns>Returns false if the file does not exist or is not a file that the module can write.</returns>
    internal static bool Change(string path, Func<string, string> change)
    {
        using var file = LibcMounts.Open(path, LibcFiles.O_RDWR | LibcFiles.O_NONBLOCK | LibcMounts.O_NOFOLLOW, out _);
        // The container can write what it wants.
        if (file is null || LibcMounts.Stat(file) is not { Kind: FileKind.File, Size: <= LongestFile } stat)
            return false;
        var before = new byte[stat.Size];
        var length = RandomAccess.Read(file, before, 0);
        var after = Encoding.UTF8.GetBytes(change(Encoding.UTF8.GetString(before, 0, length)));
        if (!before.AsSpan(0, length).SequenceEqual(after))
        {
            RandomAccess.Write(file, after, 0);
            _ = LibcFiles.SetLength(file, after.Length);
        }

        return true;
    }
}

using System.Runtime.Versioning;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Files;

/// <summary>
/// The attributes that a file inherits from the file that it replaces: owner, group, mode, access list and other extended attributes.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class OutputAttributes
{
    /// <summary>Copies all of them.</summary>
    /// <returns>Whether all could be preserved.</returns>
    internal static bool TryCopy(SafeFileHandle from, FileStat stat, SafeFileHandle to)
    {
        if (LibcFiles.SetOwner(to, stat.Uid, stat.Gid) != 0)
            return false;
        var kept = LibcFiles.ListAttributes(from).Where(n => !IsOfContent(n)).ToList();
        foreach (var name in kept)
        {
            if (LibcFiles.GetAttribute(from, name) is not { } value)
                return false;
            // Attributes that the file system has already set on the new file, such as a label, do not have to be set.
            if (LibcFiles.GetAttribute(to, name)?.AsSpan().SequenceEqual(value) != true && LibcFiles.SetAttribute(to, name, value) != 0)
                return false;
        }

        // The default access list of the directory, if the file had none.
        foreach (
            var inherited in LibcFiles.ListAttributes(to).Where(n => !IsOfContent(n) && !kept.Exists(k => k.AsSpan().SequenceEqual(n)))
        )
        {
            if (LibcFiles.RemoveAttribute(to, inherited) != 0)
                return false;
        }

        return LibcFiles.SetMode(to, stat.Permissions) == 0;
    }

    /// <summary>
    /// Whether an attribute applies only to the old content: the kernel removes capabilities on every write, and the other two are
    /// checksums.
    /// </summary>
    private static bool IsOfContent(byte[] name) =>
        name.AsSpan().SequenceEqual("security.capability"u8)
        || name.AsSpan().SequenceEqual("security.ima"u8)
        || name.AsSpan().SequenceEqual("security.evm"u8);
}

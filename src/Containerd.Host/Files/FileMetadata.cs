using System.Runtime.Versioning;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Files;

/// <summary>Gives what was copied the owner, permissions, extended attributes and times of what it was copied from.</summary>
[SupportedOSPlatform("linux")]
internal static class FileMetadata
{
    private const uint SetIds = 0xC00;

    private static ReadOnlySpan<byte> AccessList => "system.posix_acl_access"u8;

    private static ReadOnlySpan<byte> DefaultAccessList => "system.posix_acl_default"u8;

    /// <summary>Copies all of them, in the order in which none undoes another.</summary>
    /// <param name="source">What was copied.</param>
    /// <param name="target">What it became.</param>
    /// <param name="owner">The owner in the numbers of the target's side.</param>
    /// <param name="folder">The directory that the target is in, for errors.</param>
    /// <param name="name">The target's name there.</param>
    /// <param name="notes">Is told what could not be kept.</param>
    internal static void Copy(
        FileNode source,
        SafeFileHandle target,
        (uint Uid, uint Gid) owner,
        FileFolder folder,
        ReadOnlySpan<byte> name,
        CopyNotes notes
    )
    {
        var stat = source.Stat;
        var permissions = stat.Permissions;
        if (LibcFiles.SetOwner(target, owner.Uid, owner.Gid) != 0)
        {
            notes.Add(CopyNote.OwnerLost, folder.Show(name));
            // A program that runs as its owner must not come to run as somebody else.
            permissions &= ~SetIds;
        }

        // A link has no permissions of its own.
        if (stat.Kind != FileKind.SymbolicLink)
            folder.Check(LibcFiles.SetMode(target, permissions), name, "given its permissions");
        if (!CopyExtended(source.Handle, target))
            notes.Add(CopyNote.AttributeLost, folder.Show(name));
        folder.Check(LibcFiles.SetTimes(target, stat.AccessedAt, stat.ModifiedAt), name, "given its times");
    }

    /// <returns>Whether all of them could be kept.</returns>
    private static bool CopyExtended(SafeFileHandle source, SafeFileHandle target)
    {
        var kept = true;
        var names = LibcFiles.ListAttributes(source);
        foreach (var name in names.Where(IsCopied))
            kept &= LibcFiles.GetAttribute(source, name) is not { } value || LibcFiles.SetAttribute(target, name, value) == 0;

        // A directory may have passed an access list on to what was made in it.
        foreach (var inherited in LibcFiles.ListAttributes(target).Where(IsAccessList))
        {
            if (!names.Exists(n => n.AsSpan().SequenceEqual(inherited)))
                LibcFiles.RemoveAttribute(target, inherited);
        }

        return kept;
    }

    /// <summary>Labels of security modules belong to their machine, and an overlay's own marks to its layers.</summary>
    private static bool IsCopied(byte[] name) =>
        IsAccessList(name)
        || name.AsSpan().SequenceEqual("security.capability"u8)
        || (name.AsSpan().StartsWith("user."u8) && !name.AsSpan().StartsWith("user.overlay."u8))
        || (name.AsSpan().StartsWith("trusted."u8) && !name.AsSpan().StartsWith("trusted.overlay."u8));

    private static bool IsAccessList(byte[] name) =>
        name.AsSpan().SequenceEqual(AccessList) || name.AsSpan().SequenceEqual(DefaultAccessList);
}

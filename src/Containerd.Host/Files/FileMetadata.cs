using System.Runtime.Versioning;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Files;

/// <summary>Copies owner, permissions, extended attributes and times.</summary>
[SupportedOSPlatform("linux")]
internal static class FileMetadata
{
    private const uint SetIds = 0xC00;

    private static ReadOnlySpan<byte> AccessList => "system.posix_acl_access"u8;

    private static ReadOnlySpan<byte> DefaultAccessList => "system.posix_acl_default"u8;

    /// <summary>Copies all of them, in an order in which none overwrites another.</summary>
    /// <param name="source">The source.</param>
    /// <param name="target">The target.</param>
    /// <param name="owner">The owner ids on the target's side.</param>
    /// <param name="folder">The directory of the target, for errors.</param>
    /// <param name="name">The target's name in it.</param>
    /// <param name="notes">Called with attributes that could not be preserved.</param>
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
            // A set-user-id program must not run as a different user after the copy.
            permissions &= ~SetIds;
        }

        // A link does not have permissions.
        if (stat.Kind != FileKind.SymbolicLink)
            folder.Check(LibcFiles.SetMode(target, permissions), name, "given its permissions");
        if (!CopyExtended(source.Handle, target))
            notes.Add(CopyNote.AttributeLost, folder.Show(name));
        folder.Check(LibcFiles.SetTimes(target, stat.AccessedAt, stat.ModifiedAt), name, "given its times");
    }

    /// <returns>Whether all of them could be preserved.</returns>
    private static bool CopyExtended(SafeFileHandle source, SafeFileHandle target)
    {
        var kept = true;
        var names = LibcFiles.ListAttributes(source);
        foreach (var name in names.Where(IsCopied))
            kept &= LibcFiles.GetAttribute(source, name) is not { } value || LibcFiles.SetAttribute(target, name, value) == 0;

        // The new item may have inherited an access list from the directory.
        foreach (var inherited in LibcFiles.ListAttributes(target).Where(IsAccessList))
        {
            if (!names.Exists(n => n.AsSpan().SequenceEqual(inherited)))
                LibcFiles.RemoveAttribute(target, inherited);
        }

        return kept;
    }

    /// <summary>Labels of security modules apply only to their machine, and overlay attributes only to their layers.</summary>
    internal static bool IsCopied(byte[] name) =>
        IsAccessList(name)
        || name.AsSpan().SequenceEqual("security.capability"u8)
        || (name.AsSpan().StartsWith("user."u8) && !name.AsSpan().StartsWith("user.overlay."u8))
        || (name.AsSpan().StartsWith("trusted."u8) && !name.AsSpan().StartsWith("trusted.overlay."u8));

    private static bool IsAccessList(byte[] name) =>
        name.AsSpan().SequenceEqual(AccessList) || name.AsSpan().SequenceEqual(DefaultAccessList);
}

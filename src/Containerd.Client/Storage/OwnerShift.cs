using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Containerd.Client.Specs;
using Containerd.Host.Files;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Client.Storage;

/// <summary>
/// Changes the owners of the files in a root file system according to a mapping, and preserves the rest: set-user-id bits, file
/// capabilities and access lists, which a change of owner clears or leaves with the old ids, and hard links, which an overlay breaks.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class OwnerShift(SafeFileHandle root, IdMapping mapping, CancellationToken cancellationToken)
{
    // include/uapi/linux/capability.h: the revision is in the topmost byte, and revision 3 has the id of the root that the capabilities are
    // for.
    private const uint RevisionMask = 0xFF000000;
    private const uint Revision2 = 0x02000000;
    private const uint Revision3 = 0x03000000;
    private const int Revision2Length = 20;
    private const int Revision3Length = 24;

    // include/uapi/linux/posix_acl_xattr.h: a version, then entries of tag, permissions and id.
    private const int AccessListHeader = 4;
    private const int AccessListEntry = 8;
    private const ushort AccessListUser = 0x02;
    private const ushort AccessListGroup = 0x08;

    private static readonly byte[] FileCapabilities = [.. "security.capability"u8];
    private static readonly byte[][] AccessLists =
    [
        [.. "system.posix_acl_access"u8],
        [.. "system.posix_acl_default"u8],
    ];

    /// <summary>Files with several hard links: the path of the first one, and its former owner.</summary>
    private readonly Dictionary<FileIdentity, (byte[] Path, uint Uid, uint Gid)> _linked = [];

    /// <summary>Changes all files.</summary>
    /// <exception cref="CtrArgumentException"><c>IdNotMapped</c>: the mapping does not contain the owner of a file.</exception>
    /// <exception cref="CtrException"><c>RootfsNotRemapped</c>.</exception>
    internal void Run()
    {
        using var top = LibcFiles.Open(root, "."u8, LibcMounts.O_PATH | LibcMounts.O_DIRECTORY, 0, out var error)
            ?? throw Failed("/"u8, error);
        var stat = LibcMounts.Stat(top);
        Walk(top, [], stat);
        Change(top, "/"u8, stat);
    }

    private void Walk(SafeFileHandle folder, byte[] path, FileStat own)
    {
        var names = LibcFiles.List(folder, out var error) ?? throw Failed(path, error);
        var relinked = false;
        foreach (var name in names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            byte[] full = [.. path, (byte)'/', .. name];
            using var file = LibcFiles.Open(folder, name, LibcMounts.O_PATH | LibcMounts.O_NOFOLLOW, 0, out error)
                ?? throw Failed(full, error);
            var stat = LibcMounts.Stat(file);
            if (stat.Kind == FileKind.Directory)
                Walk(file, full, stat);
            else if (stat.Links > 1 && !_linked.TryAdd(stat.Identity, (full, stat.Uid, stat.Gid)))
            {
                relinked |= Relink(folder, name, full, stat);
                continue;
            }

            Change(file, full, stat);
        }

        if (relinked && LibcFiles.SetTimes(folder, own.AccessedAt, own.ModifiedAt) is var failure and not 0)
            throw Failed(path, failure);
    }

    /// <summary>
    /// Another hard link to a changed file. An overlay has applied the change only to the first name: then this one becomes a link to it
    /// again.
    /// </summary>
    /// <returns>Whether its directory was changed.</returns>
    private bool Relink(SafeFileHandle folder, byte[] name, byte[] path, FileStat stat)
    {
        var first = _linked[stat.Identity];
        var (uid, gid) = Mapped(path, first.Uid, first.Gid);
        if ((stat.Uid, stat.Gid) == (uid, gid))
            return false;
        byte[] temporary = [.. ".idmap-"u8, .. System.Text.Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("N"))];
        using var file = LibcMounts.OpenInRoot(root, first.Path, LibcMounts.O_PATH | LibcMounts.O_NOFOLLOW, out var error)
            ?? throw Failed(path, error);
        error = LibcFiles.MakeHardLink(file, folder, temporary);
        if (error == 0)
            error = LibcFiles.Rename(folder, temporary, name);
        return error == 0 ? true : throw Failed(path, error);
    }

    private void Change(SafeFileHandle file, ReadOnlySpan<byte> path, FileStat stat)
    {
        var (uid, gid) = Mapped(path, stat.Uid, stat.Gid);
        var attributes = stat.Kind == FileKind.SymbolicLink ? [] : MappedAttributes(file, path);
        if (LibcFiles.SetOwner(file, uid, gid) is var error and not 0)
            throw Failed(path, error);
        // The kernel has cleared bits that grant privileges to users who execute the file.
        if (
            stat.Kind != FileKind.SymbolicLink
            && (stat.Permissions & 0xC00) != 0
            && LibcFiles.SetMode(file, stat.Permissions) is var failure and not 0
        )
            throw Failed(path, failure);
        foreach (var (name, value) in attributes)
        {
            if (LibcFiles.SetAttribute(file, name, value) is var refused and not 0)
                throw Failed(path, refused);
        }
    }

    private (uint Uid, uint Gid) Mapped(ReadOnlySpan<byte> path, uint uid, uint gid) => (User(path, uid), Group(path, gid));

    private uint User(ReadOnlySpan<byte> path, uint id) => mapping.User(id) ?? throw NotMapped(path, $"user {id}", $"{id}");

    private uint Group(ReadOnlySpan<byte> path, uint id) => mapping.Group(id) ?? throw NotMapped(path, $"group {id}", $"{id}");

    private List<(byte[] Name, byte[] Value)> MappedAttributes(SafeFileHandle file, ReadOnlySpan<byte> path)
    {
        var mapped = new List<(byte[] Name, byte[] Value)>();
        if (LibcFiles.GetAttribute(file, FileCapabilities) is { } capabilities && Capabilities(capabilities, path) is { } changed)
            mapped.Add((FileCapabilities, changed));
        foreach (var name in AccessLists)
        {
            if (LibcFiles.GetAttribute(file, name) is { Length: > AccessListHeader } list)
                mapped.Add((name, AccessList(list, path)));
        }

        return mapped;
    }

    /// <summary>File capabilities for the container's root: those without an id apply only to the host's root.</summary>
    private byte[]? Capabilities(byte[] value, ReadOnlySpan<byte> path)
    {
        if (value.Length < Revision2Length)
            return null;
        var magic = BinaryPrimitives.ReadUInt32LittleEndian(value);
        var inside =
            (magic & RevisionMask) == Revision3 && value.Length >= Revision3Length
                ? BinaryPrimitives.ReadUInt32LittleEndian(value.AsSpan(Revision2Length))
                : 0;
        if ((magic & RevisionMask) is not (Revision2 or Revision3))
            return value;
        byte[] changed = [.. value.AsSpan(0, Revision2Length), 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt32LittleEndian(changed, Revision3 | (magic & ~RevisionMask));
        BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(Revision2Length), User(path, inside));
        return changed;
    }

    private byte[] AccessList(byte[] value, ReadOnlySpan<byte> path)
    {
        for (var at = AccessListHeader; at + AccessListEntry <= value.Length; at += AccessListEntry)
        {
            var tag = BinaryPrimitives.ReadUInt16LittleEndian(value.AsSpan(at));
            var id = value.AsSpan(at + 4);
            if (tag == AccessListUser)
                BinaryPrimitives.WriteUInt32LittleEndian(id, User(path, BinaryPrimitives.ReadUInt32LittleEndian(id)));
            else if (tag == AccessListGroup)
                BinaryPrimitives.WriteUInt32LittleEndian(id, Group(path, BinaryPrimitives.ReadUInt32LittleEndian(id)));
        }

        return value;
    }

    private static CtrArgumentException NotMapped(ReadOnlySpan<byte> path, string owner, string id) =>
        new($"The id mapping does not have the {owner}, who owns '{FileName.Show(path)}' in the image.")
        {
            ErrorId = ErrorIds.IdNotMapped,
            Subject = id,
            Remedy = "Add a range that contains it, or use a larger range, such as 0:100000:65536.",
        };

    private static CtrException Failed(ReadOnlySpan<byte> path, int error)
    {
        var message =
            $"The owner of '{FileName.Show(path)}' cannot be changed for the id mapping: {Marshal.GetPInvokeErrorMessage(error)}.";
        return error is LibcMounts.EPERM or LibcMounts.EACCES
            ? new CtrPermissionException(message)
            {
                ErrorId = ErrorIds.RootfsNotRemapped,
                RemedyId = "AsRoot",
                Remedy = "Run as root on the daemon's host.",
            }
            : new CtrException(message)
            {
                ErrorId = ErrorIds.RootfsNotRemapped,
                Remedy = "Check the free space and the file system of the snapshotter on the daemon's host.",
            };
    }
}

using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;
using Containerd.Host.Files;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Copies;

/// <summary>
/// The temporary names of copies, and leftovers of copies whose process was killed. During a copy, its process holds a lock on it: the next
/// copy into that directory removes items that are not locked and have not changed for a while.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class CopyLeftovers
{
    private static readonly System.Buffers.SearchValues<byte> HexDigits = System.Buffers.SearchValues.Create("0123456789abcdef"u8);

    private const int Digits = 16;

    // A copy is locked right after it is created.
    private static readonly TimeSpan Unlocked = TimeSpan.FromMinutes(1);

    private static ReadOnlySpan<byte> Prefix => ".ctr-copy-"u8;

    /// <summary>Creates a temporary name.</summary>
    internal static byte[] NewName() =>
        [.. Prefix, .. Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(Digits, lowercase: true))];

    /// <summary>Locks a new item until the handle is closed.</summary>
    /// <param name="folder">The directory that it is in.</param>
    /// <param name="name">Its name.</param>
    /// <returns>The handle; null if it cannot be locked, as on some network file systems.</returns>
    internal static SafeFileHandle? Lock(FileFolder folder, ReadOnlySpan<byte> name)
    {
        var handle = LibcFiles.Open(folder.Handle, name, LibcMounts.O_RDONLY | LibcMounts.O_NOFOLLOW | LibcFiles.O_NONBLOCK, 0, out _);
        if (handle is null || LibcFiles.TryLock(handle))
            return handle;
        handle.Dispose();
        return null;
    }

    /// <summary>Removes leftovers of killed processes from a directory. Items that cannot be removed are kept.</summary>
    /// <param name="folder">The directory.</param>
    internal static void Sweep(FileFolder folder)
    {
        if (LibcFiles.List(folder.Handle, out _) is not { } names)
            return;
        var mount = LibcMounts.Stat(folder.Handle).Mount;
        var latest = (DateTimeOffset.UtcNow - Unlocked).ToUnixTimeSeconds();
        foreach (var name in names.Where(IsOurs))
        {
            try
            {
                using var found = folder.Find(name);
                if (
                    found is null
                    || found.Stat.Kind is not (FileKind.File or FileKind.Directory)
                    || found.Stat.Mount != mount
                    || found.Stat.ModifiedAt.Seconds > latest
                )
                    continue;
                using var held = Lock(folder, name);
                if (held is not null && LibcMounts.Stat(held).Identity == found.Stat.Identity)
                    folder.TryRemove(name);
            }
            catch (Exception e) when (e is CtrException or IOException)
            {
                // The copy must not fail because of it.
            }
        }
    }

    private static bool IsOurs(byte[] name) =>
        name.Length == Prefix.Length + Digits
        && name.AsSpan().StartsWith(Prefix)
        && name.AsSpan(Prefix.Length).IndexOfAnyExcept(HexDigits) < 0;
}

using System.Runtime.Versioning;
using System.Text.Json;
using Containerd.Host.Files;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Volumes;

/// <summary>
/// A volume on disk: a folder with the files of the volume in <c>_data</c>, which containers mount, and the facts about it in
/// <c>volume.json</c>. It can be locked: shared while a container is created with it or it is read, exclusively while it is removed.
/// </summary>
/// <param name="path">The folder.</param>
[SupportedOSPlatform("linux")]
internal sealed class VolumeFolder(string path)
{
    internal const string DataName = "_data";
    internal const string RecordName = "volume.json";

    private const uint OwnerOnly = 0x180; // 0600

    private static readonly byte[] CopyLock = "copy.lock"u8.ToArray();
    private static readonly TimeSpan LockInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>The folder.</summary>
    internal string Path => path;

    /// <summary>The name of the volume.</summary>
    internal string Name => System.IO.Path.GetFileName(path);

    /// <summary>The names of volumes.</summary>
    internal static IReadOnlyList<string> NamesOf(IEnumerable<VolumeFolder> volumes) => [.. volumes.Select(volume => volume.Name)];

    /// <summary>The folder of the files.</summary>
    internal string Data => System.IO.Path.Combine(path, DataName);

    private string RecordPath => System.IO.Path.Combine(path, RecordName);

    /// <summary>Whether it exists.</summary>
    internal bool Exists =>
        LibcMounts.TryStat(path, followLinks: false, out var stat)
        && stat.Kind == FileKind.Directory
        && LibcMounts.TryStat(Data, followLinks: false, out var data)
        && data.Kind == FileKind.Directory;

    /// <summary>Reads the facts. If they were lost, the files are still a volume.</summary>
    internal VolumeRecord Read()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(RecordPath), VolumeJson.Default.VolumeRecord) ?? new VolumeRecord();
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return new VolumeRecord();
        }
    }

    /// <summary>Writes the facts.</summary>
    internal void Write(VolumeRecord record) =>
        TrustedFolder.Write(RecordPath, JsonSerializer.SerializeToUtf8Bytes(record, VolumeJson.Default.VolumeRecord));

    /// <summary>Locks the volume if no other holder prevents it.</summary>
    /// <param name="shared">Whether others can share the lock.</param>
    /// <param name="exists">Whether the volume exists.</param>
    /// <returns>The lock, which ends when it is disposed or the process ends; null if it is held by another.</returns>
    /// <exception cref="CtrPermissionException">It cannot be locked (VolumeNotWritable).</exception>
    internal SafeFileHandle? TryLock(bool shared, out bool exists)
    {
        exists = true;
        var folder = LibcMounts.Open(path, LibcMounts.O_RDONLY | LibcMounts.O_DIRECTORY | LibcMounts.O_NOFOLLOW, out var error);
        if (folder is null)
        {
            exists = error is not (LibcMounts.ENOENT or LibcMounts.ENOTDIR or LibcMounts.ELOOP);
            return exists ? throw VolumeStateErrors.NotWritable(Name, path, error) : null;
        }

        if (!LibcFiles.TryLock(folder, shared, out error))
        {
            folder.Dispose();
            return error == 0 ? null : throw VolumeStateErrors.NotWritable(Name, path, error);
        }

        // It may have been removed before it was locked, and another one may have its name.
        if (LibcMounts.TryStat(path, followLinks: false, out var stat) && stat.Identity == LibcMounts.Stat(folder).Identity)
        {
            // A folder without the files is no volume.
            exists = Exists;
            if (exists)
                return folder;
            folder.Dispose();
            return null;
        }

        folder.Dispose();
        return TryLock(shared, out exists);
    }

    /// <summary>Waits until it can share the lock.</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The lock; null if the volume does not exist.</returns>
    internal async Task<SafeFileHandle?> ShareAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryLock(shared: true, out var exists) is { } held)
                return held;
            if (!exists)
                return null;
            await Task.Delay(LockInterval, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Gives an empty volume that belongs to the host's root, as a new one does, to the root of a container with mapped user ids, which
    /// otherwise could not write to it.
    /// </summary>
    /// <param name="user">The owner.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal async Task GiveAsync((uint Uid, uint Gid) user, CancellationToken cancellationToken)
    {
        using var held = await LockForCopyAsync(cancellationToken).ConfigureAwait(false);
        using var data = LibcMounts.Open(Data, LibcMounts.O_RDONLY | LibcMounts.O_DIRECTORY | LibcMounts.O_NOFOLLOW, out var error);
        if (data is null)
            throw VolumeStateErrors.NotWritable(Name, path, error);
        if (LibcMounts.Stat(data) is not { Uid: 0, Gid: 0 } || Directory.EnumerateFileSystemEntries(Data).Any())
            return;
        error = LibcFiles.SetOwner(data, user.Uid, user.Gid);
        if (error != 0)
            throw VolumeStateErrors.NotWritable(Name, path, error);
    }

    /// <summary>Waits until no other process copies files into the volume.</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The lock.</returns>
    internal async Task<SafeFileHandle> LockForCopyAsync(CancellationToken cancellationToken)
    {
        using var folder = LibcMounts.Open(path, LibcMounts.O_PATH | LibcMounts.O_DIRECTORY | LibcMounts.O_NOFOLLOW, out var error)
            ?? throw VolumeStateErrors.NotWritable(Name, path, error);
        while (true)
        {
            var handle = LibcFiles.Open(
                folder,
                CopyLock,
                LibcFiles.O_RDWR | LibcFiles.O_CREAT | LibcMounts.O_NOFOLLOW,
                OwnerOnly,
                out error
            ) ?? throw VolumeStateErrors.NotWritable(Name, path, error);
            if (LibcFiles.TryLock(handle, shared: false, out error))
                return handle;
            handle.Dispose();
            if (error != 0)
                throw VolumeStateErrors.NotWritable(Name, path, error);
            await Task.Delay(LockInterval, cancellationToken).ConfigureAwait(false);
        }
    }
}

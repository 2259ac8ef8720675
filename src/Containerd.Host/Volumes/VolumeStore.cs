using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using Containerd.Host.Files;
using Containerd.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Containerd.Host.Volumes;

/// <summary>
/// The volumes of a daemon: one folder for each containerd namespace, and in it one for each volume. A volume appears complete, by a
/// rename, and disappears by one.
/// </summary>
/// <param name="parent">A parent folder that is not checked.</param>
/// <param name="root">The folder of all volumes.</param>
[SupportedOSPlatform("linux")]
internal sealed class VolumeStore(string parent, string root)
{
    private const string OwnerName = "daemon.json";
    private const string New = ".new-";
    private const string Removed = ".removed-";

    // Any user of a container can use the top folder of a volume, as with Docker.
    private const UnixFileMode DataMode =
        TrustedFolder.FolderMode | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    // An unfinished volume that is older belongs to a process that was killed.
    private static readonly TimeSpan LongestCreation = TimeSpan.FromMinutes(10);

    /// <summary>The folder of all volumes.</summary>
    internal string Root => root;

    /// <summary>A volume, which may not exist.</summary>
    internal VolumeFolder Of(string containerdNamespace, string name) => new(Path.Combine(root, containerdNamespace, name));

    /// <summary>The volumes of a namespace, by name.</summary>
    internal IReadOnlyList<VolumeFolder> List(string containerdNamespace)
    {
        var folder = Path.Combine(root, containerdNamespace);
        if (!TrustedFolder.Check(parent, folder))
            return [];
        return
        [
            .. Directory
                .EnumerateDirectories(folder)
                .Where(path => VolumeNames.IsValid(Path.GetFileName(path)))
                .Select(path => new VolumeFolder(path))
                .Where(volume => volume.Exists)
                .OrderBy(volume => volume.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>Creates a volume.</summary>
    /// <param name="containerdNamespace">The namespace.</param>
    /// <param name="name">The name.</param>
    /// <param name="record">The facts about it.</param>
    /// <param name="daemon">The daemon that it belongs to.</param>
    /// <param name="user">The owner of its top folder.</param>
    /// <returns>The volume; null if there is one with this name already.</returns>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    internal VolumeFolder? TryCreate(
        string containerdNamespace,
        string name,
        VolumeRecord record,
        VolumeOwner daemon,
        (uint Uid, uint Gid)? user = null
    )
    {
        if (Of(containerdNamespace, name).Exists)
            return null;
        using var unfinished = Begin(containerdNamespace, record, daemon, user);
        return TryPublish(unfinished, containerdNamespace, name);
    }

    /// <summary>Creates a volume that is not visible yet.</summary>
    /// <param name="containerdNamespace">The namespace.</param>
    /// <param name="record">The facts about it.</param>
    /// <param name="daemon">The daemon that it belongs to.</param>
    /// <param name="user">The owner of its top folder.</param>
    /// <returns>The volume, which is removed when it is disposed, unless it was published.</returns>
    internal UnfinishedVolume Begin(string containerdNamespace, VolumeRecord record, VolumeOwner daemon, (uint Uid, uint Gid)? user = null)
    {
        var folder = Path.Combine(root, containerdNamespace);
        TrustedFolder.Make(parent, folder, tighten: true);
        Sweep(folder);
        Mark(daemon);
        var fresh = Path.Combine(folder, New + Guid.NewGuid().ToString("N"));
        Make(fresh, TrustedFolder.FolderMode);
        var unfinished = new UnfinishedVolume(new VolumeFolder(fresh));
        try
        {
            Make(unfinished.Volume.Data, DataMode);
            if (user is { } owner)
            {
                using var data = LibcMounts.Open(unfinished.Volume.Data, LibcMounts.O_RDONLY | LibcMounts.O_DIRECTORY, out _);
                if (data is null || LibcFiles.SetOwner(data, owner.Uid, owner.Gid) != 0)
                    throw new UnauthorizedAccessException($"The owner of '{unfinished.Volume.Data}' cannot be changed");
            }

            unfinished.Volume.Write(record);
            return unfinished;
        }
        catch
        {
            unfinished.Dispose();
            throw;
        }
    }

    /// <summary>Gives a complete volume its name.</summary>
    /// <returns>The volume; null if there is one with this name already.</returns>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    internal VolumeFolder? TryPublish(UnfinishedVolume unfinished, string containerdNamespace, string name)
    {
        var volume = Of(containerdNamespace, name);
        var error = TryRename(Path.GetDirectoryName(volume.Path)!, unfinished.Volume.Name, name);
        if (error == 0)
        {
            unfinished.IsPublished = true;
            return volume;
        }

        return volume.Exists ? null : throw new IOException(Marshal.GetPInvokeErrorMessage(error));
    }

    /// <summary>Removes a volume that is locked exclusively. It disappears at once; then its files are removed.</summary>
    /// <param name="volume">The volume.</param>
    /// <returns>The folder with the files that could not be removed; null if all of them were.</returns>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    internal static string? Remove(VolumeFolder volume)
    {
        var folder = Path.GetDirectoryName(volume.Path)!;
        var name = Removed + Guid.NewGuid().ToString("N");
        if (TryRename(folder, volume.Name, name) is var error and not 0)
            throw new IOException(Marshal.GetPInvokeErrorMessage(error));
        return TryRemoveTree(folder, name) ? null : Path.Combine(folder, name);
    }

    /// <summary>Moves a volume of a former daemon to this one.</summary>
    /// <param name="volume">The volume of the other store.</param>
    /// <param name="containerdNamespace">The namespace.</param>
    /// <param name="name">Its name here.</param>
    /// <param name="daemon">This daemon.</param>
    /// <returns>The volume; null if there is one with this name already.</returns>
    internal VolumeFolder? TryAdopt(VolumeFolder volume, string containerdNamespace, string name, VolumeOwner daemon)
    {
        var target = Of(containerdNamespace, name);
        if (target.Exists)
            return null;
        TrustedFolder.Make(parent, Path.Combine(root, containerdNamespace), tighten: true);
        Mark(daemon);
        using var from = Open(Path.GetDirectoryName(volume.Path)!);
        using var to = Open(Path.GetDirectoryName(target.Path)!);
        var error = LibcFiles.Rename(from, Encoding.UTF8.GetBytes(volume.Name), to, Encoding.UTF8.GetBytes(name));
        return error == 0 ? target
            : target.Exists ? null
            : throw new IOException(Marshal.GetPInvokeErrorMessage(error));
    }

    /// <summary>The daemon that the volumes belong to; null if it is not recorded.</summary>
    internal VolumeOwner? Owner()
    {
        try
        {
            return TrustedFolder.Check(parent, root)
                ? JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(root, OwnerName)), VolumeJson.Default.VolumeOwner)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or CtrPermissionException)
        {
            return null;
        }
    }

    /// <summary>The namespaces that have a folder.</summary>
    internal IReadOnlyList<string> Namespaces() =>
        Directory.Exists(root) ? [.. Directory.EnumerateDirectories(root).Select(path => Path.GetFileName(path))] : [];

    private void Mark(VolumeOwner daemon)
    {
        if (Owner() != daemon)
            TrustedFolder.Write(Path.Combine(root, OwnerName), JsonSerializer.SerializeToUtf8Bytes(daemon, VolumeJson.Default.VolumeOwner));
    }

    /// <summary>Creates a folder with exactly this mode, whatever the umask.</summary>
    private static void Make(string path, UnixFileMode mode)
    {
        Directory.CreateDirectory(path, TrustedFolder.FolderMode);
        File.SetUnixFileMode(path, mode);
    }

    /// <summary>Removes what killed processes left.</summary>
    private static void Sweep(string folder)
    {
        // Another process may remove them at the same time.
        foreach (var path in Directory.GetDirectories(folder, ".*"))
        {
            var name = Path.GetFileName(path);
            // A new one is locked a moment after it was created.
            var isLeft =
                name.StartsWith(Removed, StringComparison.Ordinal)
                || (
                    name.StartsWith(New, StringComparison.Ordinal)
                    && DateTime.UtcNow - Directory.GetLastWriteTimeUtc(path) > LongestCreation
                );
            if (!isLeft)
                continue;
            // The process that creates or removes it holds the lock, for hours if it has many files.
            using var held = LibcFiles.LockFolder(path);
            if (held is not null)
                TryRemoveTree(folder, name);
        }
    }

    private static int TryRename(string folder, string from, string to)
    {
        using var handle = Open(folder);
        return LibcFiles.Rename(handle, Encoding.UTF8.GetBytes(from), Encoding.UTF8.GetBytes(to));
    }

    private static SafeFileHandle Open(string folder) =>
        LibcMounts.Open(folder, LibcMounts.O_PATH | LibcMounts.O_DIRECTORY, out var error)
        ?? throw new IOException(Marshal.GetPInvokeErrorMessage(error));

    /// <summary>Removes a tree by its names as bytes: the files of containers can have any name. Mounts in it are kept.</summary>
    internal static bool TryRemoveTree(string folder, string name)
    {
        using var host = FileRoot.Host();
        using var node = host.Find(FileName.Parse(folder), follow: true, out _);
        if (node is null)
            return true;
        using var parent = FileFolder.Of(host, node, new TreePath(FileName.Parse(folder)));
        return parent.TryRemove(Encoding.UTF8.GetBytes(name));
    }
}

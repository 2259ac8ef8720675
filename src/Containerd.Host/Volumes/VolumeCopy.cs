using System.Runtime.Versioning;
using System.Text;
using Containerd.Host.Copies;
using Containerd.Host.Files;
using Containerd.Host.Native;

namespace Containerd.Host.Volumes;

/// <summary>
/// Copies the content of an image to a new volume, once. The copy is built beside the files of the volume and gets its name when it is
/// complete; then its items are moved. If the process is killed before, the volume is still empty, and the next container copies again; if
/// it is killed during the move, the next container continues it.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class VolumeCopy
{
    // Complete, but not moved yet.
    private static ReadOnlySpan<byte> Complete => "copied"u8;

    /// <summary>Whether a volume has no content yet and never had any from an image.</summary>
    internal static bool IsNeeded(VolumeFolder volume) =>
        volume.Read().CopiedFrom is null && !Directory.EnumerateFileSystemEntries(volume.Data).Any()
        || Directory.Exists(Path.Combine(volume.Path, Encoding.UTF8.GetString(Complete)));

    /// <summary>Copies, unless the volume has content or had some.</summary>
    /// <param name="volume">The volume, which the caller holds.</param>
    /// <param name="image">The root file system of the image.</param>
    /// <param name="imageName">The name of the image.</param>
    /// <param name="target">The mount point.</param>
    /// <param name="ids">The mapping of the owners.</param>
    /// <param name="warn">Called with one sentence for each kind of item that was omitted.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrArgumentException">The target is not a directory in the image (InvalidMount).</exception>
    internal static async Task RunAsync(
        VolumeFolder volume,
        FileRoot image,
        string imageName,
        string target,
        IdMap ids,
        Action<string>? warn,
        CancellationToken cancellationToken
    )
    {
        using var held = await volume.LockForCopyAsync(cancellationToken).ConfigureAwait(false);
        var notes = new CopyNotes();
        await CopyThread
            .RunAsync(() =>
            {
                Run(volume, image, imageName, target, ids, notes, cancellationToken);
                return true;
            })
            .ConfigureAwait(false);
        foreach (var sentence in notes.Sentences())
            warn?.Invoke(sentence);
    }

    private static void Run(
        VolumeFolder volume,
        FileRoot image,
        string imageName,
        string target,
        IdMap ids,
        CopyNotes notes,
        CancellationToken cancellationToken
    )
    {
        using var host = FileRoot.Host(ids);
        var record = volume.Read();
        using var folder = Open(host, volume.Path);
        using var unmoved = folder.Find(Complete);
        if (unmoved is null)
        {
            if (record.CopiedFrom is not null || Directory.EnumerateFileSystemEntries(volume.Data).Any())
                return;
            if (!Copy(volume, image, host, target, notes, cancellationToken))
                return;
        }

        if (record.CopiedFrom is null)
        {
            Move(volume, host, folder, notes);
            volume.Write(record with { CopiedFrom = imageName });
        }

        folder.TryRemove(Complete);
    }

    /// <returns>Whether the image has such a directory.</returns>
    private static bool Copy(
        VolumeFolder volume,
        FileRoot image,
        FileRoot host,
        string target,
        CopyNotes notes,
        CancellationToken cancellationToken
    )
    {
        var source = FileName.Parse(target);
        using var item = image.Find(source, follow: true, out _);
        if (item is null)
            return false;
        if (!item.IsDirectory)
            throw new CtrArgumentException($"A volume cannot be mounted on '{target}', which is not a directory in the image.")
            {
                ErrorId = ErrorIds.InvalidMount,
                Subject = target,
                Remedy = "Use a directory as the target.",
            };
        var complete = FileName.Join(FileName.Parse(volume.Path), Complete);
        var copy = new TreeCopy(image, host, new CopyOptions { Recurse = true }, null, notes, cancellationToken);
        copy.Run(source, complete);
        return true;
    }

    /// <summary>Moves the items of the complete copy, and gives the volume the attributes of the mount point.</summary>
    private static void Move(VolumeFolder volume, FileRoot host, FileFolder folder, CopyNotes notes)
    {
        using var copied = folder.Find(Complete)!;
        using var from = Open(host, Path.Combine(volume.Path, Encoding.UTF8.GetString(Complete)));
        using var to = Open(host, volume.Data);
        foreach (var name in from.List())
        {
            using var existing = to.Find(name);
            if (existing is null)
                folder.Check(LibcFiles.Rename(from.Handle, name, to.Handle, name), name, "moved");
        }

        FileMetadata.Copy(
            copied,
            to.Handle,
            (copied.Stat.Uid, copied.Stat.Gid),
            folder,
            Encoding.UTF8.GetBytes(VolumeFolder.DataName),
            notes
        );
    }

    private static FileFolder Open(FileRoot host, string path)
    {
        var name = FileName.Parse(path);
        using var node = host.Require(name, follow: false);
        return FileFolder.Of(host, node, new TreePath(name));
    }
}

using Containerd.Host.Files;

namespace Containerd.Client.Workloads.Checkpoints;

/// <summary>
/// The directory to which a checkpoint is written: that of the caller, or for an archive one beside it. Created directories are removed
/// again, unless kept.
/// </summary>
internal sealed class CheckpointDirectory : IDisposable
{
    private readonly string? _made;
    private bool _kept;

    private CheckpointDirectory(string folder, string? made) => (Folder, _made) = (folder, made);

    internal string Folder { get; }

    /// <summary>Whether it is kept, because it is all that is left of a task.</summary>
    internal bool IsKept => _kept;

    internal static CheckpointDirectory Make(string path, bool archive)
    {
        // The file system of the archive has space for it, and the daemon can access it.
        var folder = archive
            ? Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.{Guid.NewGuid().ToString("N")[..8]}")
            : path;
        var made = FirstMissing(folder);
        try
        {
            CheckpointFolder.Make(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CtrPermissionException($"The checkpoint '{path}' cannot be written: {e.Message}", e)
            {
                ErrorId = ErrorIds.CheckpointNotWritable,
                Subject = path,
            };
        }

        return new CheckpointDirectory(folder, made);
    }

    internal void Keep() => _kept = true;

    /// <summary>The task still exists: the directory is not needed.</summary>
    internal void Abandon() => _kept = false;

    /// <summary>Removes the directory of an archive once the archive is written.</summary>
    internal void Discard()
    {
        _kept = true;
        PrivateTree.Remove(Folder);
    }

    public void Dispose()
    {
        if (_kept)
            return;
        try
        {
            // It may have existed before, empty; and parent directories that were created may contain other items now.
            foreach (var entry in new DirectoryInfo(Folder).EnumerateFileSystemInfos())
            {
                if (entry is DirectoryInfo directory)
                    PrivateTree.Remove(directory.FullName);
                else
                    entry.Delete();
            }

            for (var folder = Folder; _made is not null && folder.Length >= _made.Length; folder = Path.GetDirectoryName(folder)!)
                Directory.Delete(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The reason for the failed checkpoint is more important.
        }
    }

    /// <summary>The topmost missing directory of a path.</summary>
    private static string? FirstMissing(string path)
    {
        string? missing = null;
        for (var folder = path; folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
            missing = folder;
        return missing;
    }
}

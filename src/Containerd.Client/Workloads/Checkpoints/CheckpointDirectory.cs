using Containerd.Host.Files;

namespace Containerd.Client.Workloads.Checkpoints;

/// <summary>
/// The directory that a checkpoint is written into: the caller's own, or for an archive one beside it. What was made is taken away again,
/// unless kept.
/// </summary>
internal sealed class CheckpointDirectory : IDisposable
{
    private readonly string? _made;
    private bool _kept;

    private CheckpointDirectory(string folder, string? made) => (Folder, _made) = (folder, made);

    internal string Folder { get; }

    /// <summary>Whether it stays, since it is all that is left of a task.</summary>
    internal bool IsKept => _kept;

    internal static CheckpointDirectory Make(string path, bool archive)
    {
        // The archive's own file system has room for it, and the daemon sees what is there.
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

    /// <summary>It is not left of a task after all.</summary>
    internal void Abandon() => _kept = false;

    /// <summary>Takes an archive's directory away when the archive is written.</summary>
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
            // It may have been there before, and empty; and what was made above it may hold something else by now.
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
            // Why the checkpoint failed counts more.
        }
    }

    /// <summary>The topmost directory of a path that is not there.</summary>
    private static string? FirstMissing(string path)
    {
        string? missing = null;
        for (var folder = path; folder is not null && !Directory.Exists(folder); folder = Path.GetDirectoryName(folder))
            missing = folder;
        return missing;
    }
}

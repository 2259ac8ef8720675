using Containerd.Host.Files;

namespace Containerd.Client.Workloads.Checkpoints;

/// <summary>A checkpoint in use: a directory, or an archive that is temporarily unpacked.</summary>
internal sealed class CheckpointSource : IDisposable
{
    private readonly string? _temporary;

    private CheckpointSource(CheckpointFolder folder, string? temporary) => (Folder, _temporary) = (folder, temporary);

    internal CheckpointFolder Folder { get; }

    /// <summary>Whether it was an archive, whose files are in a folder that other users cannot change.</summary>
    internal bool IsUnpacked => _temporary is not null;

    internal CheckpointManifest Manifest => Folder.Manifest;

    internal static async Task<CheckpointSource> OpenAsync(
        string path,
        IProgress<CheckpointProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        if (Directory.Exists(path))
            return new CheckpointSource(await CheckpointFolder.OpenAsync(path, path, cancellationToken).ConfigureAwait(false), null);
        if (!File.Exists(path))
            throw CheckpointErrors.NotFound(path);
        var temporary = Directory.CreateTempSubdirectory("ctr-checkpoint-").FullName;
        try
        {
            await CheckpointArchive.UnpackAsync(path, temporary, progress, cancellationToken).ConfigureAwait(false);
            return new CheckpointSource(
                await CheckpointFolder.OpenAsync(temporary, path, cancellationToken).ConfigureAwait(false),
                temporary
            );
        }
        catch
        {
            PrivateTree.TryRemove(temporary);
            throw;
        }
    }

    public void Dispose()
    {
        if (_temporary is not null)
            PrivateTree.TryRemove(_temporary);
    }
}

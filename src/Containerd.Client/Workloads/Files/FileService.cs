using System.Runtime.Versioning;
using Containerd.Client.Images;
using Containerd.Client.Workloads.Files;
using Containerd.Host;
using Containerd.Host.Copies;
using Containerd.Host.Errors;
using Containerd.Host.Files;
using Containerd.Host.Native;
using Containerd.Oci;

namespace Containerd.Client;

/// <summary>
/// The files of containers, on the daemon's host: the root of a running task, with its mounts; or else the snapshot or root directory of
/// the container. Links in a container cannot leave it.
/// </summary>
public sealed class FileService
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly ImageScope _ns;

    internal FileService(ImageScope ns) => _ns = ns;

    /// <summary>Creates the location of a path in a container of this namespace.</summary>
    /// <param name="containerId">The id of the container.</param>
    /// <param name="path">The path from the container's root, with or without a leading slash.</param>
    /// <returns>The location.</returns>
    /// <exception cref="CtrArgumentException">It cannot be a path (InvalidPath).</exception>
    public FileLocation In(string containerId, string path) => FileLocation.In(_ns, containerId, path);

    /// <summary>
    /// Copies a file or a tree into a container, out of one, or between containers, with owners (by id), permissions, times, extended
    /// attributes, links and holes. If the destination is a directory, the item is copied into it; any other destination is its new name.
    /// </summary>
    /// <param name="source">The source.</param>
    /// <param name="destination">The destination.</param>
    /// <param name="options">The options; one object for all items of a command.</param>
    /// <param name="progress">Receives progress; null for none.</param>
    /// <param name="cancellationToken">
    /// The token to monitor for cancellation requests. What is not whole is removed again, which a caller need not wait for longer than
    /// half a second.
    /// </param>
    /// <returns>The copied item.</returns>
    /// <exception cref="CtrNotFoundException">
    /// The container or the source (PathNotFound) or the directory of the destination (ParentNotFound) does not exist, or the path is in a
    /// mount of a container that is not running (PathInMount).
    /// </exception>
    /// <exception cref="CtrArgumentException">
    /// Neither side is in a container (NoContainer), a directory is copied without Recurse (SourceIsDirectory), or into itself
    /// (DestinationInSource).
    /// </exception>
    /// <exception cref="CtrConflictException">The destination exists and cannot be replaced.</exception>
    /// <exception cref="CtrPermissionException">
    /// Access to a file is denied (FilePermissionDenied), or a link is not followed (LinkNotFollowed).
    /// </exception>
    /// <exception cref="CtrFileException">
    /// The disk is full (DiskFull), or a file system is read-only (RootfsReadOnly, ReadOnlyFileSystem).
    /// </exception>
    /// <exception cref="CtrNotSupportedException">
    /// The daemon is not on this machine (DaemonNotLocal), or the files of the container are not accessible (RootfsNotReachable).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public static async Task<CtrCopiedItem> CopyAsync(
        FileLocation source,
        FileLocation destination,
        CopyOptions options,
        IProgress<CopyProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(options);
        if (!OperatingSystem.IsLinux())
            throw NotLinux();
        if ((destination.Namespace ?? source.Namespace) is not { } owner)
        {
            throw new CtrArgumentException($"Neither '{source}' nor '{destination}' is in a container.")
            {
                ErrorId = ErrorIds.NoContainer,
                RemedyId = "SourceOrDestination",
                Remedy = "Specify a container for the source or for the destination.",
            };
        }

        var copying = CopyItemAsync(source, destination, options, progress, cancellationToken);
        // A read may hang, as in a FUSE file system, and temporary files must be removed. A caller who cancelled does not wait for either.
        var given = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var registration = cancellationToken.Register(given.SetResult);
        await using (registration.ConfigureAwait(false))
            await Task.WhenAny(copying, given.Task).ConfigureAwait(false);
        if (!copying.IsCompleted)
            await Task.WhenAny(copying, Task.Delay(Patience, CancellationToken.None)).ConfigureAwait(false);
        if (!copying.IsCompleted)
        {
            _ = copying.ContinueWith(
                static t => t.Exception,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default
            );
            throw new OperationCanceledException(cancellationToken);
        }

        var item = owner.Stamp(await copying.ConfigureAwait(false));
        item.ContainerId = destination.ContainerId ?? source.ContainerId!;
        return item;
    }

    /// <summary>
    /// Lists what differs between the file system of a container and its image, without its mounts. The daemon compares them, also while
    /// the container runs; a change at the same time may be listed or not.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The changes: first the items that exist, and then the deleted ones.</returns>
    /// <exception cref="CtrNotFoundException">The container does not exist.</exception>
    /// <exception cref="CtrNotSupportedException">NoSnapshot: its root file system is not a snapshot.</exception>
    public IAsyncEnumerable<CtrFileChange> ListChangesAsync(string containerId, CancellationToken cancellationToken = default) =>
        ListChangesCoreAsync(containerId, cancellationToken).Guarded(cancellationToken);

    /// <summary>
    /// Writes the file system of a container to a tar, without its mounts, also while it runs. The daemon packs it to its content store
    /// first, and removes that again.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="path">
    /// The file; a device, a named pipe or a file with several hard links is written in place, any other file is replaced.
    /// </param>
    /// <param name="compression">The compression of the tar.</param>
    /// <param name="progress">Receives progress: first the daemon packs, which has no measurable progress; null for none.</param>
    /// <param name="noClobber">Whether an existing file is an error.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when the file is written.</returns>
    /// <exception cref="CtrNotFoundException">The container does not exist.</exception>
    /// <exception cref="CtrNotSupportedException">NoSnapshot: its root file system is not a snapshot.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task ExportAsync(
        string containerId,
        string path,
        CtrLayerCompression compression = CtrLayerCompression.None,
        IProgress<ImageProgress>? progress = null,
        bool noClobber = false,
        CancellationToken cancellationToken = default
    )
    {
        var container = await _ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        var snapshot = await ContainerChanges.SnapshotAsync(_ns, container, cancellationToken).ConfigureAwait(false);
        // Compared with nothing, a snapshot consists of all its files.
        await _ns
            .Snapshots.Export.ExportToFileAsync(
                snapshot.Snapshotter,
                snapshot.Name,
                "",
                compression,
                path,
                progress,
                noClobber,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    private async IAsyncEnumerable<CtrFileChange> ListChangesCoreAsync(
        string containerId,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var container = await _ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        await foreach (var change in new ContainerChanges(_ns, container).ListAsync(cancellationToken).ConfigureAwait(false))
            yield return change;
    }

    /// <summary>Finds the items that match a path with wildcards.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="names">The names of the path, from the root.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The items, sorted by name.</returns>
    /// <exception cref="CtrNotFoundException">The container does not exist.</exception>
    /// <exception cref="CtrNotSupportedException">
    /// The daemon is not on this machine (DaemonNotLocal), or the files of the container are not accessible (RootfsNotReachable).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<FoundFile>> FindAsync(
        string containerId,
        IReadOnlyList<FilePattern> names,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(names);
        return OperatingSystem.IsLinux()
            ? await FindOnLinuxAsync(containerId, [names], cancellationToken).ConfigureAwait(false)
            : throw NotLinux();
    }

    /// <summary>Finds the items that match one of several paths with wildcards.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="paths">The names of each path, from the root.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The items, path by path.</returns>
    /// <exception cref="CtrNotFoundException">The container does not exist.</exception>
    /// <exception cref="CtrNotSupportedException">
    /// The daemon is not on this machine (DaemonNotLocal), or the files of the container are not accessible (RootfsNotReachable).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<FoundFile>> FindAnyAsync(
        string containerId,
        IReadOnlyList<IReadOnlyList<FilePattern>> paths,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(paths);
        return OperatingSystem.IsLinux()
            ? await FindOnLinuxAsync(containerId, paths, cancellationToken).ConfigureAwait(false)
            : throw NotLinux();
    }

    /// <summary>The names of the users in a container's <c>/etc/passwd</c>.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The names, in the order of the file.</returns>
    /// <exception cref="CtrNotFoundException">The container does not exist.</exception>
    /// <exception cref="CtrNotSupportedException">
    /// The daemon is not on this machine (DaemonNotLocal), or the files of the container are not accessible (RootfsNotReachable).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<string>> UsersAsync(string containerId, CancellationToken cancellationToken = default)
    {
        if (!OperatingSystem.IsLinux())
            throw NotLinux();
        using var root = await ContainerRoot.OpenAsync(_ns, containerId, writable: false, cancellationToken).ConfigureAwait(false);
        return [.. RootfsReader.Read($"/proc/self/fd/{root.Handle.DangerousGetHandle()}", UserLookup.From).Names];
    }

    [SupportedOSPlatform("linux")]
    private async Task<IReadOnlyList<FoundFile>> FindOnLinuxAsync(
        string containerId,
        IReadOnlyList<IReadOnlyList<FilePattern>> all,
        CancellationToken cancellationToken
    )
    {
        using var root = await ContainerRoot.OpenAsync(_ns, containerId, writable: false, cancellationToken).ConfigureAwait(false);
        var found = new List<FoundFile>();
        foreach (var names in all)
        {
            var paths = new List<byte[]> { "/"u8.ToArray() };
            foreach (var name in names)
            {
                cancellationToken.ThrowIfCancellationRequested();
                paths = [.. paths.SelectMany(path => Match(root, path, name))];
            }

            found.AddRange(paths.Select(path => Found(root, containerId, path)).OfType<FoundFile>());
        }

        return found;
    }

    [SupportedOSPlatform("linux")]
    private static IEnumerable<byte[]> Match(FileRoot root, byte[] folder, FilePattern name)
    {
        if (name.IsMatch is null)
            return [FileName.Join(folder, FileName.Parse(name.Name))];
        using var node = root.Find(folder, follow: true, out _);
        if (node?.IsDirectory != true)
            return [];
        root.RequireVisible(root.PathOf(node), folder);
        return (LibcFiles.List(node.Handle, out _) ?? [])
            .Where(n => name.IsMatch(FileName.Show(n)))
            .OrderBy(n => FileName.Show(n), StringComparer.Ordinal)
            .Select(n => FileName.Join(folder, n));
    }

    [SupportedOSPlatform("linux")]
    private FoundFile? Found(FileRoot root, string containerId, byte[] path)
    {
        using var node = root.Find(path, follow: true, out _);
        using var link = node is null ? root.Find(path, follow: false, out _) : null;
        return node is null && link is null
            ? null
            : new FoundFile(FileLocation.In(_ns, containerId, path), FileName.Text(path), node?.IsDirectory == true);
    }

    [SupportedOSPlatform("linux")]
    private static async Task<CtrCopiedItem> CopyItemAsync(
        FileLocation source,
        FileLocation destination,
        CopyOptions options,
        IProgress<CopyProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var notes = new CopyNotes();
        using var to = await OpenAsync(destination, writable: true, cancellationToken).ConfigureAwait(false);
        // Through two mounts, the files of one container would appear to be different files.
        var isSame = source.Namespace == destination.Namespace && source.ContainerId == destination.ContainerId;
        using var other = isSame ? null : await OpenAsync(source, writable: false, cancellationToken).ConfigureAwait(false);
        var from = other ?? to;
        try
        {
            return await CopyThread
                .RunAsync(() => new TreeCopy(from, to, options, progress, notes, cancellationToken).Run(source.Path, destination.Path))
                .ConfigureAwait(false);
        }
        catch (IOException e)
        {
            // A file system that does not allow listing its content.
            throw new CtrFileException($"'{source}' cannot be copied: {e.Message}.", e) { Subject = source.ToString() };
        }
        finally
        {
            foreach (var sentence in notes.Sentences())
                options.Warn?.Invoke(sentence);
        }
    }

    [SupportedOSPlatform("linux")]
    private static async Task<FileRoot> OpenAsync(FileLocation location, bool writable, CancellationToken cancellationToken) =>
        location.Namespace is null
            ? FileRoot.Host()
            : await ContainerRoot.OpenAsync(location.Namespace, location.ContainerId!, writable, cancellationToken).ConfigureAwait(false);

    private static CtrNotSupportedException NotLinux() =>
        new("Files can be copied to and from containers only on a Linux host.")
        {
            ErrorId = ErrorIds.DaemonNotLocal,
            RemedyId = "Tar",
            Remedy = "Run this on the daemon's host, or run tar in the container and read its output.",
        };
}

/// <summary>A name in a path that may contain wildcards.</summary>
/// <param name="Name">The name.</param>
/// <param name="IsMatch">Returns whether a name matches; null for an exact name.</param>
public sealed record FilePattern(string Name, Func<string, bool>? IsMatch);

/// <summary>An item in a container.</summary>
/// <param name="Location">Its location.</param>
/// <param name="Path">Its path; null if it is not valid text.</param>
/// <param name="IsDirectory">Whether it is a directory, or a link to one.</param>
public sealed record FoundFile(FileLocation Location, string? Path, bool IsDirectory);

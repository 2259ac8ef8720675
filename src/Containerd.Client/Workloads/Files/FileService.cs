using System.Runtime.Versioning;
using Containerd.Client.Images;
using Containerd.Client.Workloads.Files;
using Containerd.Host;
using Containerd.Host.Copies;
using Containerd.Host.Errors;
using Containerd.Host.Files;
using Containerd.Host.Native;

namespace Containerd.Client;

/// <summary>
/// The files of containers, on the daemon's host: a running task's root as the task sees it, with its mounts; else the container's snapshot
/// or root directory. No link in a container leads out of it.
/// </summary>
public sealed class FileService
{
    // Trees are walked by recursion.
    private const int StackSize = 32 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly ImageScope _ns;

    internal FileService(ImageScope ns) => _ns = ns;

    /// <summary>Names a path in a container of this namespace.</summary>
    /// <param name="containerId">The id of the container.</param>
    /// <param name="path">The path, from the container's root whether it begins with a slash or not.</param>
    /// <returns>The place.</returns>
    /// <exception cref="CtrArgumentException">It cannot be a path (InvalidPath).</exception>
    public FilePlace In(string containerId, string path) => FilePlace.In(_ns, containerId, path);

    /// <summary>
    /// Copies a file or a tree into a container, out of one, or from one to another, with owners (by number), permissions, times, extended
    /// attributes, links and holes. A destination that is a directory takes the item in; any other is its new name.
    /// </summary>
    /// <param name="source">What is copied.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="options">How; one object for all items of a command.</param>
    /// <param name="progress">Is told how far it is; null for nobody.</param>
    /// <param name="cancellationToken">
    /// Gives up. What is not whole is removed again, which a caller need not wait for longer than half a second.
    /// </param>
    /// <returns>What was copied.</returns>
    /// <exception cref="CtrNotFoundException">
    /// There is no such container or source (PathNotFound), no directory for the destination (ParentNotFound), or the path lies in a mount
    /// of a container that does not run (PathInMount).
    /// </exception>
    /// <exception cref="CtrArgumentException">
    /// No side is in a container (NoContainer), a directory without Recurse (SourceIsDirectory), or a copy into itself
    /// (DestinationInSource).
    /// </exception>
    /// <exception cref="CtrConflictException">Something at the destination is in the way.</exception>
    /// <exception cref="CtrPermissionException">
    /// A file may not be read or written (FilePermissionDenied), or a link is not followed (LinkNotFollowed).
    /// </exception>
    /// <exception cref="CtrFileException">
    /// The disk is full (DiskFull), or a file system is read-only (RootfsReadOnly, ReadOnlyFileSystem).
    /// </exception>
    /// <exception cref="CtrNotSupportedException">
    /// The daemon is not on this machine (DaemonNotLocal), or the container's files are out of reach (RootfsNotReachable).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public static async Task<CtrCopiedItem> CopyAsync(
        FilePlace source,
        FilePlace destination,
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
                ErrorId = "NoContainer",
                RemedyId = "SourceOrDestination",
                Remedy = "Name a container for the source or for the destination.",
            };
        }

        var copying = CopyItemAsync(source, destination, options, progress, cancellationToken);
        // A read may hang, as in a file system that a process serves; and what was built has to go. Neither keeps a caller who gave up.
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

        var item = owner.Own(await copying.ConfigureAwait(false));
        item.ContainerId = destination.ContainerId ?? source.ContainerId!;
        return item;
    }

    /// <summary>Finds what matches a path with wildcards.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="names">The path's names, from the root on.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>What was found, in the order of names.</returns>
    /// <exception cref="CtrNotFoundException">There is no such container.</exception>
    /// <exception cref="CtrNotSupportedException">
    /// The daemon is not on this machine (DaemonNotLocal), or the container's files are out of reach (RootfsNotReachable).
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

    /// <summary>Finds what matches one of several paths with wildcards.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="paths">The names of each path, from the root on.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>What was found, path by path.</returns>
    /// <exception cref="CtrNotFoundException">There is no such container.</exception>
    /// <exception cref="CtrNotSupportedException">
    /// The daemon is not on this machine (DaemonNotLocal), or the container's files are out of reach (RootfsNotReachable).
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
    /// <exception cref="CtrNotFoundException">There is no such container.</exception>
    /// <exception cref="CtrNotSupportedException">
    /// The daemon is not on this machine (DaemonNotLocal), or the container's files are out of reach (RootfsNotReachable).
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
            : new FoundFile(FilePlace.In(_ns, containerId, path), FileName.Text(path), node?.IsDirectory == true);
    }

    [SupportedOSPlatform("linux")]
    private static async Task<CtrCopiedItem> CopyItemAsync(
        FilePlace source,
        FilePlace destination,
        CopyOptions options,
        IProgress<CopyProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var notes = new CopyNotes();
        using var to = await OpenAsync(destination, writable: true, cancellationToken).ConfigureAwait(false);
        // Seen through two mounts, the files of one container would be others.
        var isSame = source.Namespace == destination.Namespace && source.ContainerId == destination.ContainerId;
        using var other = isSame ? null : await OpenAsync(source, writable: false, cancellationToken).ConfigureAwait(false);
        var from = other ?? to;
        var done = new TaskCompletionSource<CtrCopiedItem>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(
            () =>
            {
                try
                {
                    done.SetResult(new TreeCopy(from, to, options, progress, notes, cancellationToken).Run(source.Path, destination.Path));
                }
                catch (IOException e)
                {
                    // A file system that does not even say what is in it.
                    done.SetException(
                        new CtrFileException($"'{source}' cannot be copied: {e.Message}.", e) { Subject = source.ToString() }
                    );
                }
                catch (Exception e)
                {
                    done.SetException(e);
                }
            },
            StackSize
        )
        {
            IsBackground = true,
            Name = "Copy",
        };
        thread.Start();
        try
        {
            return await done.Task.ConfigureAwait(false);
        }
        finally
        {
            foreach (var sentence in notes.Sentences())
                options.Warn?.Invoke(sentence);
        }
    }

    [SupportedOSPlatform("linux")]
    private static async Task<FileRoot> OpenAsync(FilePlace place, bool writable, CancellationToken cancellationToken) =>
        place.Namespace is null
            ? FileRoot.Host()
            : await ContainerRoot.OpenAsync(place.Namespace, place.ContainerId!, writable, cancellationToken).ConfigureAwait(false);

    private static CtrNotSupportedException NotLinux() =>
        new("Files can be copied to and from containers only on a Linux host.")
        {
            ErrorId = "DaemonNotLocal",
            RemedyId = "Tar",
            Remedy = "Run this on the daemon's host, or run tar in the container and read its output.",
        };
}

/// <summary>One name of a path that may have wildcards.</summary>
/// <param name="Name">The name.</param>
/// <param name="IsMatch">Tells which names it stands for; null for itself alone.</param>
public sealed record FilePattern(string Name, Func<string, bool>? IsMatch);

/// <summary>Something in a container.</summary>
/// <param name="Place">Where it is.</param>
/// <param name="Path">Its path; null when that is no text.</param>
/// <param name="IsDirectory">Whether it is a directory, or a link to one.</param>
public sealed record FoundFile(FilePlace Place, string? Path, bool IsDirectory);

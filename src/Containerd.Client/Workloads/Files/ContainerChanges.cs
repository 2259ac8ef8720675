using Containerd.Client.Images;
using Containerd.Client.Specs;
using Containerd.Client.Storage;
using Containerd.Oci.Archives;
using Containerd.Oci.Images;

namespace Containerd.Client.Workloads.Files;

/// <summary>
/// Lists what differs between a container's snapshot and its parent. The daemon compares them, so this works for each snapshotter, for
/// running tasks and over SSH; of the layers that it packs, only the headers are read. A layer does not tell whether a path is new, so a
/// second layer is packed for the other direction: it has a whiteout for each new path, and only the files that the container changed or
/// deleted.
/// </summary>
internal sealed class ContainerChanges(ImageScope ns, CtrContainer container)
{
    private const string Whiteout = ".wh.";
    private const string Opaque = ".wh..wh..opq";

    // Names of the image that the container changed or deleted, and names that only the container has.
    private readonly HashSet<string> _former = new(StringComparer.Ordinal);
    private readonly HashSet<string> _added = new(StringComparer.Ordinal);

    // What was no directory has nothing below it.
    private readonly HashSet<string> _formerFiles = new(StringComparer.Ordinal);
    private readonly HashSet<string> _presentFiles = new(StringComparer.Ordinal);

    private readonly HashSet<string> _present = new(StringComparer.Ordinal);
    private readonly HashSet<string> _deleted = new(StringComparer.Ordinal);
    private readonly HashSet<string> _replaced = new(StringComparer.Ordinal);

    /// <summary>Lists the changes: first all items that exist, and then those that were deleted.</summary>
    internal async IAsyncEnumerable<CtrFileChange> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var snapshot = await SnapshotAsync(ns, container, cancellationToken).ConfigureAwait(false);
        var lease = await ns.Leases.CreateAsync(TimeSpan.FromHours(1), cancellationToken: cancellationToken).ConfigureAwait(false);
        await using var leaseDisposal = lease.ConfigureAwait(false);
        var layer = await ns
            .Snapshots.Export.DiffAsync(snapshot, snapshot.Parent, MediaTypes.OciLayer, null, lease.Id, cancellationToken)
            .ConfigureAwait(false);
        if (snapshot.Parent.Length > 0)
        {
            var parent = await ns.Snapshots.GetAsync(snapshot.Snapshotter, snapshot.Parent, cancellationToken).ConfigureAwait(false);
            var back = await ns
                .Snapshots.Export.DiffAsync(parent, snapshot.Name, MediaTypes.OciLayer, null, lease.Id, cancellationToken)
                .ConfigureAwait(false);
            await ReadFormerAsync(back.Digest, cancellationToken).ConfigureAwait(false);
        }

        var tar = new TarFileReader(new BlobWindow(ns.Content.Reader, layer.Digest));
        while (await NextAsync(tar, cancellationToken).ConfigureAwait(false) is { } file)
        {
            var path = PathOf(file.Name);
            var name = path[(path.LastIndexOf('/') + 1)..];
            if (name == Opaque)
                _replaced.Add(path[..^(Opaque.Length + 1)]);
            else if (name.StartsWith(Whiteout, StringComparison.Ordinal))
                _deleted.Add(path[..^name.Length] + name[Whiteout.Length..]);
            else if (path.Length > 1 && _present.Add(path))
            {
                if (TarMetadata.Of(file).Type != '5')
                    _presentFiles.Add(path);
                yield return Change(path, file, isNew: snapshot.Parent.Length == 0);
            }
        }

        foreach (var path in Deleted().Order(StringComparer.Ordinal))
            yield return ns.Stamp(
                new CtrFileChange
                {
                    ContainerId = container.ContainerId,
                    Kind = CtrFileChangeKind.Deleted,
                    Path = path,
                }
            );
    }

    /// <summary>The snapshot of a container.</summary>
    /// <exception cref="CtrNotSupportedException">
    /// Its root file system is not a snapshot (NoSnapshot), or has owners of the host (IdMapNotSupported).
    /// </exception>
    internal static async Task<CtrSnapshot> SnapshotAsync(ImageScope ns, CtrContainer container, CancellationToken cancellationToken)
    {
        IdMapping.RequireNone(
            container.Spec,
            container.ContainerId,
            "its files have owners of the host",
            "PackInContainer",
            "Pack the files with a program in the container, such as tar."
        );
        return container.SnapshotKey.Length > 0
            ? await ns.Snapshots.GetAsync(container.Snapshotter, container.SnapshotKey, cancellationToken).ConfigureAwait(false)
            : throw new CtrNotSupportedException(
                $"The root file system of container '{container.ContainerId}' is not a snapshot of the daemon."
            )
            {
                ErrorId = ErrorIds.NoSnapshot,
                Subject = container.ContainerId,
                Remedy = "Use the root directory that its spec names, on the daemon's host.",
            };
    }

    private async Task ReadFormerAsync(string digest, CancellationToken cancellationToken)
    {
        var tar = new TarFileReader(new BlobWindow(ns.Content.Reader, digest));
        while (await NextAsync(tar, cancellationToken).ConfigureAwait(false) is { } file)
        {
            var path = PathOf(file.Name);
            var name = path[(path.LastIndexOf('/') + 1)..];
            if (name.StartsWith(Whiteout, StringComparison.Ordinal))
                _added.Add(path[..^name.Length] + name[Whiteout.Length..]);
            else if (_former.Add(path) && TarMetadata.Of(file).Type != '5')
                _formerFiles.Add(path);
        }
    }

    private async Task<TarFile?> NextAsync(TarFileReader tar, CancellationToken cancellationToken)
    {
        try
        {
            return await tar.NextAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TarFaultException or EndOfStreamException)
        {
            throw new CtrDataException(
                $"The daemon's list of changes of container '{container.ContainerId}' cannot be read: {e.Message}",
                e
            )
            {
                ErrorId = ErrorIds.InvalidData,
                Subject = container.ContainerId,
            };
        }
    }

    /// <summary>
    /// Deleted paths without what is inside of others. A directory that was deleted and created again hides what it had before.
    /// </summary>
    private IEnumerable<string> Deleted()
    {
        _replaced.UnionWith(_deleted.Where(_present.Contains));
        _replaced.UnionWith(_presentFiles.Where(path => _former.Contains(path) && !_formerFiles.Contains(path)));
        var hidden = _replaced.Count == 0 ? [] : _former.Where(path => !_present.Contains(path) && IsBelow(path, _replaced));
        var all = _deleted.Where(path => !_present.Contains(path)).Concat(hidden).ToHashSet(StringComparer.Ordinal);
        return all.Where(path => !IsBelow(path, all));
    }

    private CtrFileChange Change(string path, TarFile file, bool isNew)
    {
        var metadata = TarMetadata.Of(file);
        var type = metadata.Type switch
        {
            '2' => CtrFileType.SymbolicLink,
            '3' => CtrFileType.CharacterDevice,
            '4' => CtrFileType.BlockDevice,
            '5' => CtrFileType.Directory,
            '6' => CtrFileType.NamedPipe,
            _ => CtrFileType.File,
        };
        return ns.Stamp(
            new CtrFileChange
            {
                ContainerId = container.ContainerId,
                Kind =
                    isNew || _added.Contains(path) || IsBelow(path, _added) || IsBelow(path, _formerFiles)
                        ? CtrFileChangeKind.Added
                        : CtrFileChangeKind.Modified,
                Path = path,
                Type = type,
                Size = file.Kind == TarFileKind.File ? file.Length : null,
                Mode = (int)metadata.Mode,
                Uid = metadata.Uid,
                Gid = metadata.Gid,
                ModifiedAt = metadata.Seconds is > -62_000_000_000 and < 250_000_000_000
                    ? DateTimeOffset.FromUnixTimeSeconds(metadata.Seconds).AddTicks(metadata.Nanoseconds / 100).LocalDateTime
                    : null,
                LinkTarget = file.Kind switch
                {
                    TarFileKind.SymbolicLink => file.LinkName,
                    TarFileKind.HardLink => PathOf(file.LinkName),
                    _ => null,
                },
            }
        );
    }

    private static bool IsBelow(string path, HashSet<string> folders)
    {
        for (var at = path.LastIndexOf('/'); at > 0; at = path.LastIndexOf('/', at - 1))
            if (folders.Contains(path[..at]))
                return true;
        return false;
    }

    /// <summary>The path in the container: with a leading slash, and without one at its end.</summary>
    private static string PathOf(string name)
    {
        var path = name.Trim('/');
        return "/"
            + (
                path.StartsWith("./", StringComparison.Ordinal) ? path[2..]
                : path == "." ? ""
                : path
            );
    }
}

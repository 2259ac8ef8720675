using System.Runtime.Versioning;
using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Client.Specs;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Specs;
using Containerd.Host.Native;
using Containerd.Host.Volumes;
using Containerd.Oci;

namespace Containerd.Client.Workloads.Volumes;

/// <summary>Prepares the mounts of new containers: finds or creates volumes, copies the image's content to them, creates folders.</summary>
internal sealed class MountPreparation(ImageScope ns)
{
    private readonly ImageMounts _images = new(ns);

    private const string Mounted = "Volumes can be mounted";

    private const UnixFileMode FolderMode =
        UnixFileMode.UserRead
        | UnixFileMode.UserWrite
        | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead
        | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead
        | UnixFileMode.OtherExecute;

    /// <summary>Checks the requested mounts, before an image is pulled and anything is created.</summary>
    /// <param name="creation">The container.</param>
    /// <param name="mapsIds">Whether the container has mapped ids.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrArgumentException">InvalidMount, DuplicateMountTarget.</exception>
    /// <exception cref="CtrNotFoundException">MountSourceNotFound.</exception>
    /// <exception cref="CtrNotSupportedException">A volume, and the daemon is not on this machine (DaemonNotLocal).</exception>
    internal async Task CheckAsync(ContainerCreateOptions creation, bool mapsIds, CancellationToken cancellationToken)
    {
        var mounts = creation.Options.Mounts ?? [];
        SpecMounts.RequireDistinct(mounts);
        if (mounts.Any(mount => mount.Type == "volume"))
        {
            ns.Connection.RequireHost(Mounted);
            if (!OperatingSystem.IsLinux())
                throw VolumeErrors.OnlyOnLinux();
            await VolumeHost.FindAsync(ns, Mounted, cancellationToken).ConfigureAwait(false);
        }

        foreach (var mount in await LocalBindsAsync(mounts, cancellationToken).ConfigureAwait(false))
            if (!mount.CreateSource && !Exists(mount.Source))
                throw new CtrNotFoundException($"There is no '{mount.Source}' on the daemon's host to mount in container '{creation.Id}'.")
                {
                    ErrorId = ErrorIds.MountSourceNotFound,
                    Subject = mount.Source,
                    Remedy = "Create it first: a bind mount requires an existing file or directory.",
                };
        await _images.CheckAsync(mounts, creation.Platform, mapsIds, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Prepares the mounts.</summary>
    /// <param name="creation">The container.</param>
    /// <param name="images">Where views of images are created; null if no image is mounted.</param>
    /// <param name="image">The image; null for none.</param>
    /// <param name="snapshot">The snapshot of the container, which still has the content of the image; null for none.</param>
    /// <param name="mapping">The id mapping of the container; null for none.</param>
    /// <param name="mapsIds">Whether the kernel maps the ids of the snapshot: then the owners on disk are those of the image.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal async Task<PreparedMounts> PrepareAsync(
        ContainerCreateOptions creation,
        ViewPlace? images,
        ResolvedImage? image,
        LeasedSnapshot? snapshot,
        IdMapping? mapping,
        bool mapsIds,
        CancellationToken cancellationToken
    )
    {
        var mounts = creation.Options.Mounts ?? [];
        var warnings = creation.Warnings;
        var prepared = new PreparedMounts();
        try
        {
            var declared = image is null ? [] : ImageVolumes.Of(image.Config, image.Name, mounts);
            var creating = mounts.Where(mount => mount.CreateSource).ToList();
            foreach (var mount in await LocalBindsAsync(creating, cancellationToken).ConfigureAwait(false))
                CreateFolders(mount.Source, prepared);
            await HoldSourcesAsync(mounts.Where(mount => mount.Type == "bind").Select(mount => mount.Source), prepared, cancellationToken)
                .ConfigureAwait(false);
            prepared.Mounts.AddRange(mounts.Where(mount => mount.Type is not ("volume" or "image")));
            foreach (var mount in mounts.Where(mount => mount.Type == "image"))
                prepared.Mounts.Add(
                    await _images.AddAsync(creation, mount, images!, null, prepared, cancellationToken).ConfigureAwait(false)
                );
            var wanted = mounts.Where(mount => mount.Type == "volume").ToList();
            if (wanted.Count + declared.Count > 0)
            {
                var host = await HostAsync(isRequired: wanted.Count > 0).ConfigureAwait(false);
                if (host is not null && OperatingSystem.IsLinux())
                {
                    var copying = new ImageContent(ns, image, snapshot, mapping, mapsIds, warnings);
                    foreach (var mount in wanted)
                        await AddAsync(host, copying, mount, isRequired: true).ConfigureAwait(false);
                    foreach (var mount in declared)
                        await AddAsync(host, copying, mount, isRequired: false).ConfigureAwait(false);
                }
            }

            await RestrictAsync(creation, prepared, cancellationToken).ConfigureAwait(false);
            return prepared;

            async Task<VolumeHost?> HostAsync(bool isRequired)
            {
                try
                {
                    ns.Connection.RequireHost(Mounted);
                    return OperatingSystem.IsLinux()
                        ? await VolumeHost.FindAsync(ns, Mounted, cancellationToken).ConfigureAwait(false)
                        : throw VolumeErrors.OnlyOnLinux();
                }
                catch (CtrException e) when (!isRequired && e is CtrNotSupportedException or CtrPermissionException)
                {
                    warnings?.Report(
                        $"The volumes of the image '{image!.Name}' were left out ({string.Join(", ", declared.Select(d => d.Target))}): "
                            + "volumes can be created only on the daemon's own host."
                    );
                    return null;
                }
            }
        }
        catch
        {
            await prepared.DiscardAsync().ConfigureAwait(false);
            throw;
        }

        [SupportedOSPlatform("linux")]
        async Task AddAsync(VolumeHost host, ImageContent copying, CtrMount mount, bool isRequired)
        {
            var isAnonymous = mount.Source.Length == 0;
            var name = isAnonymous ? VolumeNames.New() : mount.Source;
            var volume = await HoldAsync(host, name, isAnonymous).ConfigureAwait(false);
            if (isAnonymous)
                prepared.Own(name);
            if (!mount.NoCopy)
                await copying.CopyAsync(volume, mount.Target, isRequired, cancellationToken).ConfigureAwait(false);
            if (mapping is not null)
                await volume.GiveAsync((mapping.RootUid, mapping.RootGid), cancellationToken).ConfigureAwait(false);
            prepared.Mounts.Add(
                new CtrMount
                {
                    Source = volume.Data,
                    Target = mount.Target,
                    Options = mount.Options,
                    ReadOnly = mount.ReadOnly,
                    Recursion = mount.Recursion,
                }
            );
        }

        // A new, empty database would be a surprise.
        [SupportedOSPlatform("linux")]
        void WarnOfOrphan(VolumeHost host, string name)
        {
            if (new VolumeOrphans(ns, host).Find(name) is { } orphan)
                warnings?.Report(
                    $"The volume '{name}' was created and is empty. The daemon had a volume with this name before its data folder was "
                        + $"created again; its files are in '{orphan.Data}'."
                );
        }

        [SupportedOSPlatform("linux")]
        async Task<VolumeFolder> HoldAsync(VolumeHost host, string name, bool isAnonymous)
        {
            var volume = host.Store.Of(ns.Namespace, name);
            while (true)
            {
                if (await volume.ShareAsync(cancellationToken).ConfigureAwait(false) is { } held)
                {
                    prepared.Hold(held);
                    return volume;
                }

                try
                {
                    var record = new VolumeRecord { Anonymous = isAnonymous, CreatedAt = DateTime.UtcNow };
                    (uint, uint)? root = mapping is null ? null : (mapping.RootUid, mapping.RootGid);
                    if (host.Store.TryCreate(ns.Namespace, name, record, host.Daemon, root) is not null)
                    {
                        prepared.Created(ns, host, volume);
                        if (!isAnonymous)
                            WarnOfOrphan(host, name);
                    }
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    throw VolumeStateErrors.NotWritable(name, host.Store.Root, e);
                }
            }
        }
    }

    /// <summary>Makes read-only binds also read-only for the mounts below them, where that is possible.</summary>
    private async Task RestrictAsync(ContainerCreateOptions creation, PreparedMounts prepared, CancellationToken cancellationToken)
    {
        var images = (creation.Options.Mounts ?? []).Where(mount => mount.Type == "image").Select(mount => mount.Target).ToHashSet();
        var binds = prepared
            .Mounts.Where(mount =>
                // An image has no mounts below it, and a checkpoint of the container compares the mount.
                !images.Contains(mount.Target)
                && (
                    RecursiveReadOnly.IsRequired(mount)
                    || mount is { Type: "bind", ReadOnly: true, Recursion: CtrBindRecursion.Enabled }
                        && !mount.Options.Any(option => option is "bind" or "shared" or "rshared" or "slave" or "rslave" or "private")
                )
            )
            .ToList();
        if (binds.Count == 0)
            return;
        var isPossible = await RecursiveReadOnly
            .IsPossibleAsync(ns, creation.Runtime, creation.RuntimeOptions, cancellationToken)
            .ConfigureAwait(false);
        foreach (var mount in binds)
        {
            if (!isPossible && RecursiveReadOnly.IsRequired(mount))
                throw RecursiveReadOnly.NotSupported(mount);
            if (isPossible && !RecursiveReadOnly.IsRequired(mount))
                prepared.Mounts[prepared.Mounts.IndexOf(mount)] = new CtrMount
                {
                    Source = mount.Source,
                    Target = mount.Target,
                    Options = mount.Options,
                    ReadOnly = true,
                    Recursion = CtrBindRecursion.ReadOnly,
                };
        }
    }

    /// <summary>Holds the volumes that a full spec mounts by their paths, and creates the views of images that it mounts.</summary>
    /// <param name="creation">The container.</param>
    /// <param name="images">Where views of images are created; null if no image is mounted.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal async Task<PreparedMounts> HoldAsync(ContainerCreateOptions creation, ViewPlace? images, CancellationToken cancellationToken)
    {
        var prepared = new PreparedMounts();
        try
        {
            await HoldSourcesAsync(VolumeUsers.SourcesOf(creation.Spec), prepared, cancellationToken).ConfigureAwait(false);
            foreach (var image in creation.MountedImages)
            {
                var mount = await _images
                    .AddAsync(creation, image.ToMount(), images!, image.Parent, prepared, cancellationToken)
                    .ConfigureAwait(false);
                ImageMounts.RequireSameLayers(image, mount, creation.Spec);
                prepared.Mounts.Add(mount);
            }

            return prepared;
        }
        catch
        {
            await prepared.DiscardAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Holds the volumes whose folders are mounted by their paths, so that they are not removed meanwhile.</summary>
    private async Task HoldSourcesAsync(IEnumerable<string> sources, PreparedMounts prepared, CancellationToken cancellationToken)
    {
        if (!ns.Connection.Address.IsLocal || !OperatingSystem.IsLinux())
            return;
        var root = new StateFolders(ns.Connection).Volumes.Root;
        var folders = sources
            .Select(source => VolumePaths.Find(root, source))
            .OfType<(string Namespace, string Name)>()
            .Select(volume => Path.Combine(root, volume.Namespace, volume.Name))
            .Distinct();
        foreach (var folder in folders)
            if (await new VolumeFolder(folder).ShareAsync(cancellationToken).ConfigureAwait(false) is { } held)
                prepared.Hold(held);
    }

    /// <summary>The binds among mounts whose sources are paths of this machine.</summary>
    private async Task<IEnumerable<CtrMount>> LocalBindsAsync(IReadOnlyList<CtrMount> mounts, CancellationToken cancellationToken)
    {
        var binds = mounts.Where(mount => mount.Type == "bind" && mount.Source.StartsWith('/')).ToList();
        return
            binds.Count > 0
            && OperatingSystem.IsLinux()
            && await DaemonHost.FindFolderAsync(ns.Connection, cancellationToken).ConfigureAwait(false) is not null
            ? binds
            : [];
    }

    private static bool Exists(string path) => OperatingSystem.IsLinux() && LibcMounts.TryStat(path, followLinks: true, out _);

    /// <summary>Creates the missing folders of a path.</summary>
    private static void CreateFolders(string path, PreparedMounts prepared)
    {
        if (!OperatingSystem.IsLinux() || Exists(path))
            return;
        try
        {
            if (Path.GetDirectoryName(path.TrimEnd('/')) is { Length: > 0 } parent)
                CreateFolders(parent, prepared);
            Directory.CreateDirectory(path, FolderMode);
            prepared.Created(path);
            // Whatever the umask.
            File.SetUnixFileMode(path, FolderMode);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CtrPermissionException($"The folder '{path}' cannot be created: {e.Message.TrimEnd('.')}.", e)
            {
                ErrorId = ErrorIds.FilePermissionDenied,
                Subject = path,
                RemedyId = "CreateFolder",
                Remedy = "Use another path, or create the folder first.",
            };
        }
    }
}

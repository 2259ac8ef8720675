using System.Runtime.Versioning;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Volumes;
using Containerd.Host.Copies;
using Containerd.Host.Errors;
using Containerd.Host.Volumes;
using Containerd.Oci;

namespace Containerd.Client;

/// <summary>
/// The volumes of a namespace: folders of the daemon's host that containers mount, and that are kept when the containers are removed. They
/// are managed only on the daemon's host.
/// </summary>
public sealed class VolumeService
{
    private const string Managed = "Volumes can be managed";

    private readonly RecordScope _ns;

    internal VolumeService(RecordScope ns) => _ns = ns;

    /// <summary>Lists the volumes, with the containers of all namespaces that mount them.</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The volumes, by name.</returns>
    /// <exception cref="CtrNotSupportedException">The daemon is not on this machine (DaemonNotLocal).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrVolume>> ListAsync(CancellationToken cancellationToken = default) =>
        await ListAsync(static _ => true, cancellationToken).ConfigureAwait(false);

    private async Task<IReadOnlyList<CtrVolume>> ListAsync(Func<CtrContainer, bool> isUser, CancellationToken cancellationToken)
    {
        _ns.Connection.RequireHost(Managed);
        if (!OperatingSystem.IsLinux())
            throw VolumeErrors.OnlyOnLinux();
        var host = await HostAsync(cancellationToken).ConfigureAwait(false);
        var found = host.Store.List(_ns.Namespace);
        if (found.Count == 0)
            return [];
        var users = await VolumeUsers.ReadAsync(_ns, isUser, cancellationToken).ConfigureAwait(false);
        return Convert(found, users);
    }

    /// <summary>Reads a volume.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The volume.</returns>
    /// <exception cref="CtrNotFoundException">The volume does not exist (VolumeNotFound).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrVolume> GetAsync(string name, CancellationToken cancellationToken = default)
    {
        _ns.Connection.RequireHost(Managed);
        if (!OperatingSystem.IsLinux())
            throw VolumeErrors.OnlyOnLinux();
        var volume = Require(await HostAsync(cancellationToken).ConfigureAwait(false), name);
        return Convert(volume, await VolumeUsers.ReadAsync(_ns, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>
    /// Lists the volumes of this namespace that the daemon had under another identity: its data folder was created again. Containers cannot
    /// mount them until they are adopted.
    /// </summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The volumes, with <see cref="CtrVolume.FormerDaemon"/>.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrVolume>> ListOrphansAsync(CancellationToken cancellationToken = default)
    {
        _ns.Connection.RequireHost(Managed);
        if (!OperatingSystem.IsLinux())
            throw VolumeErrors.OnlyOnLinux();
        var host = await HostAsync(cancellationToken).ConfigureAwait(false);
        var orphans = new List<CtrVolume>();
        foreach (var (folder, daemon) in new VolumeOrphans(_ns, host).List())
        {
            var volume = Convert(folder, null);
            volume.FormerDaemon = daemon;
            orphans.Add(volume);
        }

        return orphans;
    }

    /// <summary>Moves a volume that the daemon had under another identity to it, so that containers can mount it.</summary>
    /// <param name="orphan">The volume, as <see cref="ListOrphansAsync"/> returns it.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The volume.</returns>
    /// <exception cref="CtrConflictException">VolumeExists, VolumeInUse.</exception>
    /// <exception cref="CtrNotFoundException">It does not exist, or is not such a volume (VolumeNotFound).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrVolume> AdoptAsync(CtrVolume orphan, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(orphan);
        _ns.Connection.RequireHost(Managed);
        if (!OperatingSystem.IsLinux())
            throw VolumeErrors.OnlyOnLinux();
        var host = await HostAsync(cancellationToken).ConfigureAwait(false);
        return Convert(new VolumeOrphans(_ns, host).Adopt(orphan.Name, orphan.FormerDaemon), null);
    }

    /// <summary>Reads the names of the volumes.</summary>
    internal async Task<IReadOnlyList<string>> NamesAsync(CancellationToken cancellationToken)
    {
        _ns.Connection.RequireHost(Managed);
        if (!OperatingSystem.IsLinux())
            throw VolumeErrors.OnlyOnLinux();
        var host = await HostAsync(cancellationToken).ConfigureAwait(false);
        return VolumeFolder.NamesOf(host.Store.List(_ns.Namespace));
    }

    /// <summary>Measures the files of volumes, whose sizes are filled in.</summary>
    /// <param name="volumes">Volumes of this namespace.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task MeasureAsync(IReadOnlyList<CtrVolume> volumes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(volumes);
        _ns.Connection.RequireHost(Managed);
        if (!OperatingSystem.IsLinux())
            throw VolumeErrors.OnlyOnLinux();
        foreach (var volume in volumes)
            volume.Size = await MeasureAsync(volume.Path, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Creates a volume.</summary>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The volume.</returns>
    /// <exception cref="CtrArgumentException">InvalidVolumeName.</exception>
    /// <exception cref="CtrConflictException">VolumeExists.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrVolume> CreateAsync(VolumeCreateOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        _ns.Connection.RequireHost(Managed);
        if (!OperatingSystem.IsLinux())
            throw VolumeErrors.OnlyOnLinux();
        var name = options.Name ?? VolumeNames.New();
        if (!VolumeNames.IsValid(name))
            throw VolumeErrors.InvalidName(name);
        var host = await HostAsync(cancellationToken).ConfigureAwait(false);
        var record = new VolumeRecord
        {
            Labels = options.Labels.Count == 0 ? null : options.Labels.ToDictionary(),
            Anonymous = options.Name is null,
            CreatedAt = DateTime.UtcNow,
        };
        try
        {
            return host.Store.TryCreate(_ns.Namespace, name, record, host.Daemon) is { } created
                ? Convert(created, null)
                : throw VolumeErrors.Exists(name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw VolumeStateErrors.NotWritable(name, host.Store.Root, e);
        }
    }

    /// <summary>Removes a volume with its files.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrConflictException">A container uses it (VolumeInUse).</exception>
    /// <exception cref="CtrNotFoundException">The volume does not exist (VolumeNotFound).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task RemoveAsync(string name, CancellationToken cancellationToken = default)
    {
        _ns.Connection.RequireHost(Managed);
        if (!OperatingSystem.IsLinux())
            throw VolumeErrors.OnlyOnLinux();
        var host = await HostAsync(cancellationToken).ConfigureAwait(false);
        await new VolumeRemoval(_ns, host).RemoveAsync(Require(host, name), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Exports the files of a volume to a tar, with owners, modes, times, extended attributes and links. Containers can use it meanwhile;
    /// then the archive may contain a file in several states.
    /// </summary>
    /// <param name="name">The volume.</param>
    /// <param name="options">The options.</param>
    /// <param name="progress">Receives progress; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrNotFoundException">The volume does not exist (VolumeNotFound).</exception>
    /// <exception cref="CtrConflictException">FileExists.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task ExportAsync(
        string name,
        VolumeExportOptions options,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        _ns.Connection.RequireHost(Managed);
        if (!OperatingSystem.IsLinux())
            throw VolumeErrors.OnlyOnLinux();
        var host = await HostAsync(cancellationToken).ConfigureAwait(false);
        await new VolumeArchive(_ns, host).ExportAsync(Require(host, name), options, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Creates a volume with the files of a tar. The volume appears when it is complete.</summary>
    /// <param name="name">The name of the new volume.</param>
    /// <param name="options">The options.</param>
    /// <param name="progress">Receives progress; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A canceled call leaves nothing behind.</param>
    /// <returns>The volume.</returns>
    /// <exception cref="CtrDataException">It is not a tar, or has entries outside of it (VolumeArchiveInvalid).</exception>
    /// <exception cref="CtrConflictException">VolumeExists.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrVolume> ImportAsync(
        string name,
        VolumeImportOptions options,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(options);
        _ns.Connection.RequireHost(Managed);
        if (!OperatingSystem.IsLinux())
            throw VolumeErrors.OnlyOnLinux();
        if (!VolumeNames.IsValid(name))
            throw VolumeErrors.InvalidName(name);
        var host = await HostAsync(cancellationToken).ConfigureAwait(false);
        return Convert(
            await new VolumeArchive(_ns, host).ImportAsync(name, options, progress, cancellationToken).ConfigureAwait(false),
            null
        );
    }

    /// <summary>The volumes that no container mounts.</summary>
    /// <param name="all">Whether those with a name are included; otherwise only anonymous ones.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The volumes.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrVolume>> FindUnusedAsync(bool all = false, CancellationToken cancellationToken = default) =>
        await FindUnusedAsync(all, static _ => true, cancellationToken).ConfigureAwait(false);

    /// <summary>The same, with only some containers of the daemon as users.</summary>
    internal async Task<IReadOnlyList<CtrVolume>> FindUnusedAsync(
        bool all,
        Func<CtrContainer, bool> isUser,
        CancellationToken cancellationToken
    ) =>
        [
            .. (await ListAsync(isUser, cancellationToken).ConfigureAwait(false)).Where(volume =>
                volume.Containers.Length == 0 && (all || volume.Anonymous)
            ),
        ];

    [SupportedOSPlatform("linux")]
    private Task<VolumeHost> HostAsync(CancellationToken cancellationToken) => VolumeHost.FindAsync(_ns, Managed, cancellationToken);

    [SupportedOSPlatform("linux")]
    private VolumeFolder Require(VolumeHost host, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var volume = VolumeNames.IsValid(name) ? host.Store.Of(_ns.Namespace, name) : null;
        return volume?.Exists == true ? volume : throw VolumeErrors.NotFound(name, _ns.Namespace);
    }

    [SupportedOSPlatform("linux")]
    private static Task<long> MeasureAsync(string path, CancellationToken cancellationToken)
    {
        return CopyThread.RunAsync(Measure);

        [SupportedOSPlatform("linux")]
        long Measure() => TreeSize.Of(path, cancellationToken);
    }

    [SupportedOSPlatform("linux")]
    private List<CtrVolume> Convert(IReadOnlyList<VolumeFolder> volumes, VolumeUsers users)
    {
        var converted = new List<CtrVolume>();
        foreach (var volume in volumes)
            converted.Add(Convert(volume, users));
        return converted;
    }

    [SupportedOSPlatform("linux")]
    private CtrVolume Convert(VolumeFolder volume, VolumeUsers? users)
    {
        var record = volume.Read();
        return _ns.Stamp(
            new CtrVolume
            {
                Name = volume.Name,
                Anonymous = record.Anonymous,
                Labels = new CtrMap(record.Labels ?? []),
                CreatedAt = record.CreatedAt?.ToLocalTime(),
                CopiedFrom = record.CopiedFrom ?? "",
                Containers = users?.Of(volume.Path) ?? [],
                Path = volume.Data,
            }
        );
    }
}

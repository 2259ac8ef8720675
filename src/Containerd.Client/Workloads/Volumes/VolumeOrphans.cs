using System.Runtime.Versioning;
using Containerd.Client.Records;
using Containerd.Host.Files;
using Containerd.Host.Volumes;

namespace Containerd.Client.Workloads.Volumes;

/// <summary>
/// The volumes of a daemon that had another identity before: its data folder was created again. They are recognized by that folder, which
/// is recorded beside the volumes of each daemon.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class VolumeOrphans(RecordScope ns, VolumeHost host)
{
    /// <summary>The volumes of this namespace, with the former identity of the daemon.</summary>
    internal IReadOnlyList<(VolumeFolder Volume, string Daemon)> List() =>
        [.. Stores().SelectMany(store => store.Store.List(ns.Namespace).Select(volume => (volume, store.Daemon)))];

    /// <summary>The volume with a name; null for none.</summary>
    internal VolumeFolder? Find(string name) => List().FirstOrDefault(orphan => orphan.Volume.Name == name).Volume;

    /// <summary>Moves a volume to this daemon.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="daemon">The former identity of the daemon; null for any, if there is only one volume with that name.</param>
    /// <returns>The volume.</returns>
    /// <exception cref="CtrNotFoundException">VolumeNotFound.</exception>
    /// <exception cref="CtrConflictException">VolumeExists, VolumeInUse.</exception>
    internal VolumeFolder Adopt(string name, string daemon)
    {
        var (volume, _) = List().FirstOrDefault(orphan => orphan.Volume.Name == name && orphan.Daemon == daemon);
        if (volume is null)
            throw VolumeErrors.NotFound(name, ns.Namespace);
        using var held = volume.TryLock(shared: false, out _) ?? throw VolumeErrors.Busy(name);
        try
        {
            return host.Store.TryAdopt(volume, ns.Namespace, name, host.Daemon) ?? throw VolumeErrors.Exists(name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw VolumeStateErrors.NotWritable(name, volume.Path, e);
        }
    }

    private IEnumerable<(VolumeStore Store, string Daemon)> Stores()
    {
        // Those of a private daemon are in its own folder, whatever its identity.
        if (new StateFolders(ns.Connection).Machine is not { } machine || !TrustedFolder.Check(machine.Parent, machine.Root))
            yield break;
        foreach (var folder in Directory.EnumerateDirectories(machine.Root).Order(StringComparer.Ordinal))
        {
            var daemon = Path.GetFileName(folder);
            var store = new VolumeStore(machine.Parent, Path.Combine(folder, StateFolders.VolumesName));
            if (daemon != ns.Connection.Uuid && Guid.TryParse(daemon, out _) && store.Owner()?.Root == host.Daemon.Root)
                yield return (store, daemon);
        }
    }
}

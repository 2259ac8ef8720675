using Containerd.Client.Records;
using Containerd.Client.Specs;
using Containerd.Client.Workloads.Networks;

namespace Containerd.Client.Workloads.Containers;

/// <summary>The volumes and folders of the host that a new container takes over from other containers.</summary>
internal sealed class InheritedMounts(RecordScope ns, ContainerNames names)
{
    // The runtime or this client mounts them in every container.
    private static readonly string[] Own = ["/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/dev", "/proc", "/sys"];

    /// <summary>Adds the mounts of other containers to the options of a new one. Its own mounts take precedence.</summary>
    /// <param name="creation">The options.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The options with the mounts.</returns>
    /// <exception cref="CtrNotFoundException">ContainerNotFound.</exception>
    internal async Task<ContainerCreateOptions> AddAsync(ContainerCreateOptions creation, CancellationToken cancellationToken)
    {
        if (creation.VolumesFrom.Count == 0)
            return creation;
        var mounts = (creation.Options.Mounts ?? []).ToList();
        SpecMounts.RequireDistinct(mounts);
        foreach (var source in creation.VolumesFrom)
        {
            var (name, access) = Split(source);
            var id = await names.ResolveAsync(name, cancellationToken).ConfigureAwait(false);
            var other = await ns.ContainerRecords.GetAsync(id, cancellationToken).ConfigureAwait(false);
            // Their views belong to the other container.
            var images = ImageMountLabels.Read(other.Labels).Select(image => SpecMounts.PartsOf(image.Target)).ToList();
            foreach (var mount in (other.Spec?.Mounts ?? []).Where(IsShared))
            {
                var target = SpecMounts.PartsOf(mount.Destination);
                if (images.Any(image => image.SequenceEqual(target)))
                    continue;
                // That of the last container counts, as with Docker.
                if (mounts.FindIndex(m => SpecMounts.PartsOf(m.Target).SequenceEqual(target)) is var same and >= 0)
                {
                    if (same < (creation.Options.Mounts?.Count ?? 0))
                        continue;
                    mounts.RemoveAt(same);
                }

                mounts.Add(Inherit(mount, access));
            }
        }

        return creation with
        {
            Options = creation.Options with { Mounts = mounts },
        };
    }

    /// <summary>The same mount, also for the mounts below its source.</summary>
    private static CtrMount Inherit(CtrSpecMount mount, string access)
    {
        var options = mount.Options ?? [];
        var (isReadOnly, isRecursive) = (options.Contains("ro") || options.Contains("rro"), options.Contains("rro"));
        var isPrivate = !options.Any(option => option is "private" or "shared" or "rshared" or "slave" or "rslave");
        return new CtrMount
        {
            Source = mount.Source!,
            Target = mount.Destination,
            // With another propagation, the option of another client is kept as it is.
            Options = [.. options.Where(option => option is not ("ro" or "rw") && (option != "rro" || !isPrivate))],
            ReadOnly = isReadOnly || access == "ro",
            Recursion =
                isRecursive && isPrivate ? CtrBindRecursion.ReadOnly
                : isReadOnly && !isRecursive && !options.Contains("bind") ? CtrBindRecursion.Writable
                : CtrBindRecursion.Enabled,
        };
    }

    private static (string Name, string Access) Split(string source) =>
        source.EndsWith(":ro", StringComparison.Ordinal) ? (source[..^3], "ro")
        : source.EndsWith(":rw", StringComparison.Ordinal) ? (source[..^3], "rw")
        : (source, "");

    private static bool IsShared(CtrSpecMount mount) =>
        mount.Source is { Length: > 0 } source
        && source.StartsWith('/')
        && (mount.Type == "bind" || (mount.Options ?? []).Any(option => option is "bind" or "rbind"))
        && !NetworkFiles.IsFile(mount)
        && !Own.Any(path =>
            mount.Destination == path || (path.LastIndexOf('/') == 0 && mount.Destination.StartsWith(path + "/", StringComparison.Ordinal))
        );
}

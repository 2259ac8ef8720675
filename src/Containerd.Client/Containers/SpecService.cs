namespace Containerd.Client;

/// <summary>Builds specs for the daemon's host: it knows the host's facts, and looks users up in the root file system that is meant.</summary>
public sealed class SpecService
{
    private readonly NamespaceClient _ns;

    internal SpecService(NamespaceClient ns) => _ns = ns;

    /// <summary>Builds the spec of a container that may be made later.</summary>
    /// <param name="id">The container's id.</param>
    /// <param name="options">What the caller wants.</param>
    /// <param name="image">The image; null for none.</param>
    /// <param name="platform">The image's platform; null for the host's.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The spec.</returns>
    public async Task<CtrSpec> BuildAsync(string id, SpecOptions options, string? image, string? platform, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ContainerdNames.Require(id, "container");
        if (image is null)
            return SpecBuilder.Build(id, _ns.Namespace, options, null, Host, UsersBelow(options.RootfsPath));

        var resolved = await _ns.Images.ResolveAsync(image, platform, cancellation).ConfigureAwait(false);
        if (!NeedsUsers(options, resolved.Config))
            return SpecBuilder.Build(id, _ns.Namespace, options, resolved.Config, Host, null);

        // There is no container yet whose snapshot could be read: a view of the image's, for as long as it takes.
        var snapshotter = await _ns.Snapshots.DefaultSnapshotterAsync(cancellation).ConfigureAwait(false);
        var lease = await _ns.Leases.CreateAsync(TimeSpan.FromHours(1), cancellationToken: cancellation).ConfigureAwait(false);
        await using (lease.ConfigureAwait(false))
        {
            var top = await _ns.Images.UnpackAsync(resolved, snapshotter, lease.Id, cancellation).ConfigureAwait(false);
            var view = $"{id}-users-{Guid.NewGuid():N}";
            var mounts = await _ns.Snapshots.ViewAsync(snapshotter, view, top, lease.Id, cancellation).ConfigureAwait(false);
            try
            {
                return SpecBuilder.Build(id, _ns.Namespace, options, resolved.Config, Host, UserLookup.In(mounts));
            }
            finally
            {
                await _ns.Snapshots.RemoveAsync(snapshotter, view, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Builds the spec of a container that is being made.</summary>
    internal async Task<CtrSpec> BuildAsync(ContainerCreation creation, ResolvedImage? image, SnapshotPlace? place, CancellationToken cancellation)
    {
        var options = creation.Options;
        IUserLookup? users = null;
        if (place is not null && NeedsUsers(options, image?.Config))
            users = UserLookup.In(await _ns.Snapshots.MountsAsync(place.Snapshotter, place.Key, cancellation).ConfigureAwait(false));
        else if (place is null)
            users = UsersBelow(options.RootfsPath);
        return SpecBuilder.Build(creation.Id, _ns.Namespace, options, image?.Config, Host, users);
    }

    /// <summary>Builds the process of an exec in a running container.</summary>
    internal async Task<CtrSpecProcess> BuildExecAsync(CtrContainer container, CtrTask task, ExecOptions options, CancellationToken cancellation)
    {
        IUserLookup? users = null;
        if (options.User is not null || options.AdditionalGroups is { Count: > 0 })
        {
            // As the running container sees it, with what it has mounted and changed since.
            if (OperatingSystem.IsLinux() && _ns.Client.Address.IsLocal && Directory.Exists($"/proc/{task.Pid}/root"))
                users = UserLookup.In($"/proc/{task.Pid}/root");
            else if (container.SnapshotKey.Length > 0)
                users = UserLookup.In(await _ns.Snapshots.MountsAsync(container.Snapshotter, container.SnapshotKey, cancellation).ConfigureAwait(false));
        }

        return SpecBuilder.ExecProcess(container.Spec ?? new CtrSpec(), options, Host, users);
    }

    private HostFacts Host => _ns.Client.HostFacts;

    private IUserLookup? UsersBelow(string? rootfs) => rootfs is not null && _ns.Client.Address.IsLocal ? UserLookup.In(rootfs) : null;

    /// <summary>Without a user there is nothing to look up: root, and no mount is made for it.</summary>
    private static bool NeedsUsers(SpecOptions options, ImageConfig? image) =>
        options.User is { Length: > 0 } || image?.User is { Length: > 0 } || options.AdditionalGroups is { Count: > 0 };
}

using System.Globalization;
using Containerd.Client.Images;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Specs;
using Containerd.Host;
using Containerd.Host.Errors;
using Containerd.Host.Facts;
using Containerd.Oci;

namespace Containerd.Client;

/// <summary>Builds specs for the daemon's host: it knows the facts of the host, and looks up users in the root file system.</summary>
public sealed class SpecService
{
    private readonly ImageScope _ns;

    internal SpecService(ImageScope ns) => _ns = ns;

    /// <summary>Builds the spec of a container that may be created later.</summary>
    /// <param name="id">The id of the container.</param>
    /// <param name="options">The caller's options.</param>
    /// <param name="image">The image; null for none.</param>
    /// <param name="platform">The image's platform; null for the host's.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The spec.</returns>
    /// <exception cref="CtrNotSupportedException">
    /// A mount is to be read-only with the mounts below it, and the default runtime cannot do this (MountNotSupported).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrSpec> BuildAsync(
        string id,
        SpecOptions options,
        string? image,
        string? platform,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        ContainerdNames.Require(id, "container");
        RequireHost(options, null);
        await RequireAsync(options.Limits, cancellationToken).ConfigureAwait(false);
        await RecursiveReadOnly.RequireAsync(_ns, options.Mounts, null, null, cancellationToken).ConfigureAwait(false);
        var host = await HostAsync(cancellationToken).ConfigureAwait(false);
        if (image is null)
            return SpecBuilder.Build(id, _ns.Namespace, options, null, host, UsersBelow(options.RootfsPath));

        var resolved = await _ns.Images.ResolveAsync(image, platform, cancellationToken).ConfigureAwait(false);
        RequireHost(options, resolved.Config);
        if (!NeedsUsers(options, resolved.Config) || !_ns.Connection.Address.IsLocal)
            return SpecBuilder.Build(id, _ns.Namespace, options, resolved.Config, host, null);

        // No container exists yet whose snapshot could be read: a temporary view of the image's snapshot is used.
        var snapshotter = await _ns.Snapshots.DefaultSnapshotterAsync(cancellationToken).ConfigureAwait(false);
        var lease = await _ns.Leases.CreateAsync(TimeSpan.FromHours(1), cancellationToken: cancellationToken).ConfigureAwait(false);
        await using (lease.ConfigureAwait(false))
        {
            var top = await _ns.Images.UnpackAsync(resolved, snapshotter, lease.Id, cancellationToken).ConfigureAwait(false);
            var view = $"{id}-users-{Guid.NewGuid():N}";
            var mounts = await _ns
                .Snapshots.Records.ViewAsync(snapshotter, view, top, lease: lease.Id, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
            try
            {
                return SpecBuilder.Build(id, _ns.Namespace, options, resolved.Config, host, UserLookup.In(mounts));
            }
            finally
            {
                await _ns.Snapshots.Records.RemoveAsync(snapshotter, view, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Builds the spec of a container that is being created.</summary>
    internal async Task<CtrSpec> BuildAsync(
        ContainerCreateOptions creation,
        ResolvedImage? image,
        LeasedSnapshot? snapshot,
        CancellationToken cancellationToken
    )
    {
        var options = creation.Options;
        await RequireAsync(options.Limits, cancellationToken).ConfigureAwait(false);
        IUserLookup? users = null;
        if (!_ns.Connection.Address.IsLocal)
            users = null;
        else if (snapshot is not null && NeedsUsers(options, image?.Config))
            users = UserLookup.In(
                await _ns.Snapshots.MountsAsync(snapshot.Snapshotter, snapshot.Key, cancellationToken).ConfigureAwait(false)
            );
        else if (snapshot is null)
            users = UsersBelow(options.RootfsPath);
        return SpecBuilder.Build(
            creation.Id,
            _ns.Namespace,
            options,
            image?.Config,
            await HostAsync(cancellationToken).ConfigureAwait(false),
            users
        );
    }

    /// <summary>Builds the process of an exec in a running container.</summary>
    internal async Task<CtrSpecProcess> BuildExecAsync(
        CtrContainer container,
        CtrTask task,
        ExecOptions options,
        CancellationToken cancellationToken
    )
    {
        IUserLookup? users = null;
        if (options.User is not null || options.AdditionalGroups is { Count: > 0 })
        {
            // In the view of the running container, with its mounts and changes.
            if (OperatingSystem.IsLinux() && Directory.Exists($"/proc/{task.Pid}/root"))
                users = UserLookup.In($"/proc/{task.Pid}/root");
            else if (container.SnapshotKey.Length > 0)
                users = UserLookup.In(
                    await _ns.Snapshots.MountsAsync(container.Snapshotter, container.SnapshotKey, cancellationToken).ConfigureAwait(false)
                );
        }

        // The process joins the container's cgroup: the host's version does not matter.
        var host = await HostAsync(CgroupVersion.Unknown, cancellationToken).ConfigureAwait(false);
        return SpecBuilder.ExecProcess(container.Spec ?? new CtrSpec(), options, host, users);
    }

    /// <summary>
    /// For a daemon on another machine, rejects options that require look-ups there: names of users and groups, and devices.
    /// </summary>
    /// <param name="options">The caller's options.</param>
    /// <param name="image">The image; null while it is not known.</param>
    /// <exception cref="CtrNotSupportedException">DaemonNotLocal.</exception>
    internal void RequireHost(SpecOptions options, ImageConfig? image)
    {
        if (_ns.Connection.Address.IsLocal)
            return;
        if (options.Privileged || options.Devices is { Count: > 0 })
            _ns.Connection.RequireHost("The host's devices can be looked up");
        var user =
            options.User is { Length: > 0 } ? options.User
            : image?.User is { Length: > 0 } own ? own
            : "";
        var groups = options.AdditionalGroups ?? [];
        if ((user.Length > 0 || groups.Count > 0) && UserLookup.FindByNumber(user, groups) is null)
        {
            _ns.Connection.RequireHost(
                user.Length > 0
                    ? $"The user '{user}'{(options.User is { Length: > 0 } ? "" : " of the image")} can be looked up"
                    : "Names of groups can be looked up",
                ("NumericUser", "specify user and group as numbers, such as 1000:1000.")
            );
        }
    }

    /// <summary>
    /// Rejects more processors than the daemon's host has. For a remote host their number is not known, and its runtime decides.
    /// </summary>
    /// <param name="limits">The limits of a container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when the limits are checked.</returns>
    /// <exception cref="CtrArgumentException">There are fewer (InvalidLimit).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task RequireAsync(ResourceOptions limits, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(limits);
        if (!OperatingSystem.IsLinux() || limits.Cpu is not { } wanted || HostProcessors.Count() is not { } count || wanted <= count)
            return;
        try
        {
            await DaemonHost.RequireAsync(_ns.Connection, "Processors are counted", null, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrException e) when (e is CtrNotSupportedException or CtrPermissionException)
        {
            return;
        }

        throw ResourceOptions.InvalidLimit(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{wanted} processors exceed the capacity of the daemon's host, which has {count}."
            ),
            string.Create(CultureInfo.InvariantCulture, $"Use a number up to {count}, or -1 for no limit.")
        );
    }

    /// <summary>
    /// The facts that specs depend on. For a remote host the daemon reports its processor, and SSH its cgroup version; its network
    /// files are assumed to exist.
    /// </summary>
    private async Task<HostFacts> HostAsync(CancellationToken cancellationToken) =>
        await HostAsync(await _ns.Connection.CgroupVersionAsync(cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

    private async Task<HostFacts> HostAsync(CgroupVersion remote, CancellationToken cancellationToken) =>
        _ns.Connection.Address.IsLocal
            ? HostFacts.Detect(_ns.Connection.LocalDaemon?.CgroupVersion(), _ns.Connection.LocalDaemon?.HasSystemd())
            : new HostFacts
            {
                CgroupVersion = remote,
                Architecture = (await _ns.ImageRecords.DaemonPlatformAsync(cancellationToken).ConfigureAwait(false)).Architecture,
                FileExists = _ => true,
            };

    private IUserLookup? UsersBelow(string? rootfs) => rootfs is not null && _ns.Connection.Address.IsLocal ? UserLookup.In(rootfs) : null;

    /// <summary>Without a user, root is used, and no look-up and no mount are needed.</summary>
    private static bool NeedsUsers(SpecOptions options, ImageConfig? image) =>
        options.User is { Length: > 0 } || image?.User is { Length: > 0 } || options.AdditionalGroups is { Count: > 0 };
}

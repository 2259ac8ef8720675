using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Host.Volumes;

namespace Containerd.Client.Workloads.Volumes;

/// <summary>The anonymous volumes that were created for a container.</summary>
internal sealed class ContainerVolumes
{
    private const string Removed = "Volumes can be removed";

    private readonly VolumeRemoval _removal;
    private readonly IReadOnlyList<VolumeFolder> _volumes;

    private ContainerVolumes(VolumeRemoval removal, IReadOnlyList<VolumeFolder> volumes, IReadOnlyList<string> names) =>
        (_removal, _volumes, Names) = (removal, volumes, names);

    /// <summary>Their names.</summary>
    internal IReadOnlyList<string> Names { get; }

    /// <summary>Finds them, before the container is removed.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="container">The container.</param>
    /// <param name="isRequired">Whether they will be removed, so that it is an error if they cannot be found.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The volumes; null if the container has none, or if they cannot be found.</returns>
    /// <exception cref="CtrNotSupportedException">DaemonNotLocal.</exception>
    internal static async Task<ContainerVolumes?> FindAsync(
        RecordScope ns,
        CtrContainer container,
        bool isRequired,
        CancellationToken cancellationToken
    )
    {
        if (VolumeLabels.Read(container.Labels).Count == 0)
            return null;
        try
        {
            ns.Connection.RequireHost(Removed);
            if (!OperatingSystem.IsLinux())
                throw VolumeErrors.OnlyOnLinux();
            var removal = new VolumeRemoval(ns, await VolumeHost.FindAsync(ns, Removed, cancellationToken).ConfigureAwait(false));
            var volumes = removal.AnonymousOf(container);
            return new ContainerVolumes(removal, volumes, VolumeFolder.NamesOf(volumes));
        }
        catch (CtrException e) when (!isRequired && e is CtrNotSupportedException or CtrPermissionException)
        {
            return null;
        }
    }

    /// <summary>Removes them, after the container was removed. Those that other containers use are kept.</summary>
    /// <returns>The names of those that were kept.</returns>
    internal Task<IReadOnlyList<string>> RemoveAsync() =>
        OperatingSystem.IsLinux() ? _removal.RemoveAsync(_volumes, CancellationToken.None) : throw VolumeErrors.OnlyOnLinux();
}

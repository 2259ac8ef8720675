using System.Runtime.ExceptionServices;
using System.Runtime.Versioning;
using Containerd.Client.Records;
using Containerd.Host.Copies;
using Containerd.Host.Volumes;

namespace Containerd.Client.Workloads.Volumes;

/// <summary>Removes volumes that no container uses.</summary>
[SupportedOSPlatform("linux")]
internal sealed class VolumeRemoval(RecordScope ns, VolumeHost host)
{
    /// <summary>Removes a volume.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrConflictException">A container uses it (VolumeInUse).</exception>
    /// <exception cref="CtrNotFoundException">The volume does not exist (VolumeNotFound).</exception>
    internal async Task RemoveAsync(VolumeFolder volume, CancellationToken cancellationToken)
    {
        // A process that creates a container with the volume shares the lock until containerd has the container.
        using var held = volume.TryLock(shared: false, out var exists);
        if (!exists)
            throw VolumeErrors.NotFound(volume.Name, ns.Namespace);
        var users = (await VolumeUsers.ReadAsync(ns, cancellationToken).ConfigureAwait(false)).Of(volume.Path);
        if (users.Length > 0)
            throw VolumeErrors.InUse(volume.Name, users);
        if (held is null)
            throw VolumeErrors.Busy(volume.Name);
        cancellationToken.ThrowIfCancellationRequested();
        string? remains;
        try
        {
            remains = await CopyThread.RunAsync(() => VolumeStore.Remove(volume)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw VolumeStateErrors.NotWritable(volume.Name, volume.Path, e);
        }

        if (remains is not null)
            throw VolumeErrors.Remains(volume.Name, remains);
    }

    /// <summary>
    /// Removes the anonymous volumes of a container that was removed. Those that other containers use are kept. One that cannot be removed
    /// does not stop the removal of the others.
    /// </summary>
    /// <returns>The names of the volumes that were kept.</returns>
    /// <exception cref="CtrException">The first error, after all volumes.</exception>
    internal async Task<IReadOnlyList<string>> RemoveAsync(IEnumerable<VolumeFolder> volumes, CancellationToken cancellationToken)
    {
        var kept = new List<string>();
        ExceptionDispatchInfo? failure = null;
        foreach (var volume in volumes)
        {
            try
            {
                await RemoveAsync(volume, cancellationToken).ConfigureAwait(false);
            }
            catch (CtrConflictException)
            {
                kept.Add(volume.Name);
            }
            catch (CtrNotFoundException)
            {
                // Another client was faster.
            }
            catch (CtrException e) when (!cancellationToken.IsCancellationRequested)
            {
                failure ??= ExceptionDispatchInfo.Capture(e);
            }
        }

        failure?.Throw();
        return kept;
    }

    /// <summary>The anonymous volumes that were created for a container, and that it mounts: any client can write its labels.</summary>
    internal IReadOnlyList<VolumeFolder> AnonymousOf(CtrContainer container) =>
        [
            .. VolumeLabels
                .Read(container.Labels)
                .Select(name => host.Store.Of(ns.Namespace, name))
                .Where(volume => volume.Exists && volume.Read().Anonymous && VolumeUsers.IsMounted(container.Spec, volume.Path)),
        ];
}

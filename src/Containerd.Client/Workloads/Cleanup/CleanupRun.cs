using Containerd.Client.Images;
using Containerd.Client.Transport;

namespace Containerd.Client.Workloads.Cleanup;

/// <summary>
/// Removes the objects of a plan. Time has passed since: each part examines again what is unused, and each removal checks it once more.
/// </summary>
internal sealed class CleanupRun(
    ImageScope ns,
    UnusedObjects unused,
    SpaceMeasurement space,
    ContainerStore containers,
    VolumeService volumes,
    NetworkService networks
)
{
    // Used, or removed by another client, since it was found to be unused.
    private static readonly HashSet<string> Overtaken = new(StringComparer.Ordinal)
    {
        ErrorIds.TaskRunning,
        ErrorIds.ContainerNotFound,
        ErrorIds.VolumeInUse,
        ErrorIds.VolumeNotFound,
        ErrorIds.ImageInUse,
        ErrorIds.ImageNotFound,
        ErrorIds.NetworkInUse,
        ErrorIds.NetworkNotFound,
        ErrorIds.IngestNotFound,
    };

    /// <inheritdoc cref="StorageCleanupService.RunAsync"/>
    internal async Task<CtrStorageCleanup> RunAsync(
        StorageCleanupPlan plan,
        IProgress<StorageCleanupStep>? steps,
        CancellationToken cancellationToken
    )
    {
        var cleanup = ns.Stamp(new CtrStorageCleanup());
        var age = plan.Options.OlderThan;
        var answers = true;
        long? freed = 0;

        cleanup.Containers = await PartAsync(
                "container",
                plan.Containers,
                async () =>
                {
                    var idle = (await unused.ContainersAsync(age, cancellationToken).ConfigureAwait(false))
                        .Select(c => (c.ContainerId, c.CreatedAt))
                        .ToHashSet();
                    return c => idle.Contains((c.ContainerId, c.CreatedAt));
                },
                c => containers.RemoveAsync(c.ContainerId, force: false, cancellationToken)
            )
            .ConfigureAwait(false);
        cleanup.Volumes = await PartAsync(
                "volume",
                plan.Volumes,
                async () => Among(await unused.VolumesAsync(age, [], cancellationToken).ConfigureAwait(false), v => (v.Name, v.CreatedAt)),
                async v =>
                {
                    await volumes.RemoveAsync(v.Name, cancellationToken).ConfigureAwait(false);
                    freed += plan.Space?.Volumes.GetValueOrDefault(v.Name);
                }
            )
            .ConfigureAwait(false);
        cleanup.Images = await PartAsync(
                "image",
                plan.Images,
                async () =>
                {
                    var names = (await unused.ImagesAsync(age, [], cancellationToken).ConfigureAwait(false)).ToHashSet();
                    var targets = (await ns.ImageRecords.TargetsAsync(cancellationToken).ConfigureAwait(false))
                        .Where(t => names.Contains(t.Name) && plan.Targets.GetValueOrDefault(t.Name) == t.Digest)
                        .Select(t => t.Name)
                        .ToHashSet(StringComparer.Ordinal);
                    return targets.Contains;
                },
                // The garbage collector is awaited once, at the end.
                name => ns.Images.RemoveAsync(name, force: false, synchronous: false, cancellationToken)
            )
            .ConfigureAwait(false);
        cleanup.Networks = await PartAsync(
                "network",
                plan.Networks,
                async () =>
                {
                    // Leftovers first: an attachment that no longer exists would keep the bridge of a network.
                    await networks.SweepAsync(cancellationToken).ConfigureAwait(false);
                    return Among(await unused.NetworksAsync(age, [], cancellationToken).ConfigureAwait(false), n => n.Name);
                },
                n => networks.RemoveAsync(n.Name, cancellationToken)
            )
            .ConfigureAwait(false);
        cleanup.Ingests = await PartAsync(
                "unfinished write",
                plan.Ingests,
                async () => Among(await unused.IngestsAsync(age, cancellationToken).ConfigureAwait(false), i => (i.Reference, i.StartedAt)),
                async i =>
                {
                    await ns.Content.RemoveIngestAsync(i.Reference, cancellationToken).ConfigureAwait(false);
                    freed += i.Offset;
                }
            )
            .ConfigureAwait(false);
        cleanup.Freed = answers ? freed + await space.FreedAsync(plan.Space, cancellationToken).ConfigureAwait(false) : null;
        return cleanup;

        async Task<int> PartAsync<T>(string kind, IReadOnlyList<T> items, Func<Task<Func<T, bool>>> findUnused, Func<T, Task> remove)
            where T : notnull
        {
            if (items.Count == 0 || !answers)
                return 0;
            Func<T, bool> isUnused;
            try
            {
                isUnused = await findUnused().ConfigureAwait(false);
            }
            catch (CtrException e)
            {
                answers = !e.IsUnanswered();
                // One error for the part: no object of it was tried.
                steps?.Report(new StorageCleanupStep(kind, items[0], StorageCleanupOutcome.Failed, e));
                return 0;
            }

            var removed = 0;
            foreach (var item in items)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var step = isUnused(item)
                    ? await RemoveAsync(kind, item, remove).ConfigureAwait(false)
                    : new StorageCleanupStep(kind, item, StorageCleanupOutcome.Kept);
                removed += step.Outcome == StorageCleanupOutcome.Removed ? 1 : 0;
                steps?.Report(step);
                answers = step.Error?.IsUnanswered() != true;
                if (!answers)
                    break;
            }

            return removed;
        }
    }

    private static async Task<StorageCleanupStep> RemoveAsync<T>(string kind, T item, Func<T, Task> remove)
        where T : notnull
    {
        try
        {
            await remove(item).ConfigureAwait(false);
            return new StorageCleanupStep(kind, item, StorageCleanupOutcome.Removed);
        }
        catch (CtrException e) when (Overtaken.Contains(e.ErrorId))
        {
            return new StorageCleanupStep(kind, item, StorageCleanupOutcome.Kept);
        }
        catch (CtrException e)
        {
            return new StorageCleanupStep(kind, item, StorageCleanupOutcome.Failed, e);
        }
    }

    private static Func<T, bool> Among<T, TKey>(IReadOnlyList<T> unused, Func<T, TKey> key)
    {
        var keys = unused.Select(key).ToHashSet();
        return item => keys.Contains(key(item));
    }
}

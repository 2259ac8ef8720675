using Containerd.Client.Images;
using Containerd.Client.Transport;
using Containerd.Oci;

namespace Containerd.Client.Workloads.Cleanup;

/// <summary>Finds what a clean-up would remove.</summary>
internal sealed class CleanupPlanner(ImageScope ns, UnusedObjects unused, SpaceMeasurement space)
{
    /// <inheritdoc cref="StorageCleanupService.PlanAsync"/>
    internal async Task<StorageCleanupPlan> PlanAsync(
        StorageCleanupOptions options,
        IProgress<ImageProgress>? progress,
        CancellationToken cancellationToken
    )
    {
        var problems = new List<CtrException>();
        var age = options.OlderThan;
        var containers = await PartAsync(() => unused.ContainersAsync(age, cancellationToken)).ConfigureAwait(false);
        var targets = new Dictionary<string, string>(StringComparer.Ordinal);
        // Before the search: a name that is changed meanwhile does not match then.
        foreach (var (name, digest, _) in await PartAsync(() => ns.ImageRecords.TargetsAsync(cancellationToken)).ConfigureAwait(false))
            targets[name] = digest;
        IReadOnlyList<CtrVolume> volumes = options.Volumes
            ? await PartAsync(() => unused.VolumesAsync(age, containers, cancellationToken)).ConfigureAwait(false)
            : [];
        var plan = new StorageCleanupPlan(options)
        {
            Containers = containers,
            Volumes = volumes,
            Images = await PartAsync(() => unused.ImagesAsync(age, containers, cancellationToken)).ConfigureAwait(false),
            Networks = await PartAsync(() => unused.NetworksAsync(age, containers, cancellationToken)).ConfigureAwait(false),
            Ingests = await PartAsync(() => unused.IngestsAsync(age, cancellationToken)).ConfigureAwait(false),
            Targets = targets,
            Problems = problems,
        };
        plan.Space = await space.MeasureAsync(plan, progress, cancellationToken).ConfigureAwait(false);
        return plan;

        async Task<IReadOnlyList<T>> PartAsync<T>(Func<Task<IReadOnlyList<T>>> find)
        {
            try
            {
                return await find().ConfigureAwait(false);
            }
            catch (CtrException e) when (!e.IsUnanswered())
            {
                problems.Add(e);
                return [];
            }
        }
    }
}

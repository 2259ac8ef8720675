using Containerd.Client.Images;
using Containerd.Client.Workloads.Cleanup;
using Containerd.Host.Errors;
using Containerd.Oci;

namespace Containerd.Client;

/// <summary>
/// Removes everything in a namespace that is not in use: containers that do not run, images, networks, interrupted writes, and on request
/// anonymous volumes.
/// </summary>
public sealed class StorageCleanupService
{
    private readonly CleanupPlanner _planner;
    private readonly CleanupRun _run;

    internal StorageCleanupService(ImageScope ns, ContainerStore containers, VolumeService volumes, NetworkService networks)
    {
        var unused = new UnusedObjects(ns, containers, volumes, networks);
        var space = new SpaceMeasurement(ns, volumes);
        _planner = new CleanupPlanner(ns, unused, space);
        _run = new CleanupRun(ns, unused, space, containers, volumes, networks);
    }

    /// <summary>
    /// Finds the objects to remove, including those that only become unused by the removal of others, and measures them. It changes
    /// nothing.
    /// </summary>
    /// <param name="options">The options.</param>
    /// <param name="progress">Receives the number of measured snapshots; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The objects.</returns>
    /// <exception cref="CtrConnectionException">The daemon does not answer.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<StorageCleanupPlan> PlanAsync(
        StorageCleanupOptions options,
        IProgress<ImageProgress>? progress = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        return await _planner.PlanAsync(options, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Removes the objects of a plan that are still unused, and the content that nothing refers to. An object that is used, changed or gone
    /// since is left out. A failure does not stop the removal of the other objects, unless the daemon no longer answers.
    /// </summary>
    /// <param name="plan">The plan, from <see cref="PlanAsync"/>.</param>
    /// <param name="steps">Receives each object when it was removed, kept, or could not be removed; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A removal that has begun is completed.</param>
    /// <returns>The number of removed objects, and the freed space.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrStorageCleanup> RunAsync(
        StorageCleanupPlan plan,
        IProgress<StorageCleanupStep>? steps = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(plan);
        return await _run.RunAsync(plan, steps, cancellationToken).ConfigureAwait(false);
    }
}

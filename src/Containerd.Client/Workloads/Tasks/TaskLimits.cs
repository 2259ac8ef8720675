using Containerd.Client.Records;
using Containerd.Client.Specs;
using Containerd.Client.Transport;

namespace Containerd.Client.Workloads.Tasks;

/// <summary>Changes the limits of running tasks (Tasks.Update) together with the specs of their containers.</summary>
internal sealed class TaskLimits(RecordScope ns)
{
    private readonly TaskThrottling _throttling = new(ns);

    /// <inheritdoc cref="TaskService.UpdateAsync"/>
    internal async Task UpdateAsync(string containerId, CtrSpecResources change, CancellationToken cancellationToken)
    {
        using var held = await SpecLock.TakeAsync(ns, cancellationToken, containerId).ConfigureAwait(false);
        var container = await ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        var task = await ns.TaskRecords.FindAsync(containerId, cancellationToken).ConfigureAwait(false)
            ?? throw ProcessErrors.NothingToUpdate(containerId);
        if (task.Status == CtrStatus.Stopped)
            throw ProcessErrors.NotRunning(task);
        change = Normal(change);
        RequireSense(change, container.Spec?.Linux?.Resources);

        var throttles = await ExplainedAsync(_throttling.SetAsync(container, task, change, cancellationToken), containerId)
            .ConfigureAwait(false);
        Google.Protobuf.WellKnownTypes.Any? old = null;
        try
        {
            old = await ns.ContainerRecords.MergeResourcesAsync(containerId, change, cancellationToken).ConfigureAwait(false);
            await ns.TaskRecords.UpdateAsync(containerId, Careful(change), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            if (old is not null)
                await UndoAsync(container, change, old).ConfigureAwait(false);
            await _throttling.RestoreAsync(containerId, throttles).ConfigureAwait(false);
            throw e is CtrRuntimeException failure ? ExplainUpdate(failure, containerId) : e;
        }
    }

    private static async Task<T> ExplainedAsync<T>(Task<T> update, string containerId)
    {
        try
        {
            return await update.ConfigureAwait(false);
        }
        catch (CtrRuntimeException failure)
        {
            throw ExplainUpdate(failure, containerId);
        }
    }

    /// <summary>Some runtimes do not undo changes that they made before a failure.</summary>
    private async Task UndoAsync(CtrContainer container, CtrSpecResources change, Google.Protobuf.WellKnownTypes.Any? spec)
    {
        using var deadline = new CancellationTokenSource(BackgroundWork.CleanUpDeadline);
        try
        {
            if (spec is not null)
                await ns.ContainerRecords.RestoreResourcesAsync(container.ContainerId, spec, change, deadline.Token).ConfigureAwait(false);
            if (ResourceMerge.Before(container.Spec?.Linux?.Resources, change) is CtrSpecResources before)
                await ns.TaskRecords.UpdateAsync(container.ContainerId, before, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            // The original error is the one that the caller needs.
        }
    }

    /// <summary>A limit of 0 processes means no limit; runc would interpret 0 as "no change".</summary>
    private static CtrSpecResources Normal(CtrSpecResources change)
    {
        var copy = CtrSpecResources.Parse(change.ToJson(indented: false));
        if (copy.Pids is { Limit: 0 })
            copy.Pids.Limit = -1;
        return copy;
    }

    /// <summary>
    /// On cgroup v2 the kernel would kill processes to get below a limit: runtimes that support it are asked to reject it instead.
    /// </summary>
    private static CtrSpecResources Careful(CtrSpecResources change)
    {
        if (change.Memory is not { Limit: > 0, CheckBeforeUpdate: null })
            return change;
        var copy = CtrSpecResources.Parse(change.ToJson(indented: false));
        copy.Memory!.CheckBeforeUpdate = true;
        return copy;
    }

    private static void RequireSense(CtrSpecResources change, CtrSpecResources? now)
    {
        if (change.ToJson(indented: false) is "{}")
            throw new CtrArgumentException("No limit is specified.")
            {
                ErrorId = ErrorIds.NoLimit,
                Remedy = "Set a limit, such as 256m of memory.",
            };
        if (change.Memory is { } memory)
            ResourceOptions.RequireConsistent(memory.Limit ?? now?.Memory?.Limit, memory.Swap ?? now?.Memory?.Swap, memory.Reservation);
    }

    private static CtrException ExplainUpdate(CtrRuntimeException error, string containerId)
    {
        var reason = RuntimeMessage.Reason(error.Message);
        bool Says(params string[] parts) => parts.Any(p => error.Message.Contains(p, StringComparison.OrdinalIgnoreCase));
        if (Says("device or resource busy", "current usage", "Resource busy"))
        {
            return new CtrConflictException($"Container '{containerId}' uses more than the new limit: {reason}.", error)
            {
                ErrorId = ErrorIds.LimitInUse,
                Subject = containerId,
                Remedy = "Set a higher limit, or reduce the container's use first.",
            };
        }

        if (Says("invalid argument", "numerical result out of range", "value too large", "permission denied"))
        {
            return new CtrArgumentException($"The kernel refuses these limits for container '{containerId}': {reason}.", error)
            {
                ErrorId = ErrorIds.InvalidLimit,
                Subject = containerId,
            };
        }

        return error;
    }
}

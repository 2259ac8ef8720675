using Containerd.Client.Records;
using Containerd.Client.Specs;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Tasks;
using Containerd.Host.Errors;

namespace Containerd.Client;

public sealed partial class TaskService
{
    /// <summary>
    /// Changes the limits of a task that has not exited (Tasks.Update), and updates the container's stored spec, so that the next start has
    /// them too. Other limits are not changed.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="change">The limits to set.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The task.</returns>
    /// <exception cref="CtrNotFoundException">
    /// The container or its task does not exist (TaskNotFound): change the spec of a container without a task.
    /// </exception>
    /// <exception cref="CtrArgumentException">
    /// The limits conflict with each other or those in effect (InvalidLimit), or there are none (NoLimit).
    /// </exception>
    /// <exception cref="CtrConflictException">
    /// The current usage exceeds the limit (LimitInUse), or the task has exited (TaskNotRunning).
    /// </exception>
    /// <exception cref="CtrNotSupportedException">The runtime ignores rate limits of block devices (ThrottleNotSupported).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrTask> UpdateAsync(string containerId, CtrSpecResources change, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        var container = await _ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        var task = await FindAsync(containerId, cancellationToken).ConfigureAwait(false)
            ?? throw new CtrNotFoundException($"Container '{containerId}' has no task.")
            {
                ErrorId = "TaskNotFound",
                Subject = containerId,
                RemedyId = "ChangeSpec",
                Remedy = "Change the container's spec, with which its next task starts.",
            };
        if (task.Status == CtrStatus.Stopped)
            throw TaskErrors.NotRunning(task);
        change = Normal(change);
        RequireSense(change, container.Spec?.Linux?.Resources);

        var throttles = await ExplainedAsync(ThrottleAsync(container, task, change, cancellationToken), containerId).ConfigureAwait(false);
        Google.Protobuf.WellKnownTypes.Any? old = null;
        try
        {
            old = await _ns.ContainerRecords.MergeResourcesAsync(containerId, change, cancellationToken).ConfigureAwait(false);
            await SendUpdateAsync(containerId, Careful(change), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            if (old is not null)
                await UndoAsync(container, change, old).ConfigureAwait(false);
            await RestoreAsync(containerId, throttles).ConfigureAwait(false);
            throw e is CtrRuntimeException failure ? ExplainUpdate(failure, containerId) : e;
        }

        return await GetAsync(containerId, cancellationToken).ConfigureAwait(false);
    }

    private async Task SendUpdateAsync(string containerId, CtrSpecResources resources, CancellationToken cancellationToken)
    {
        var request = new Wire.Tasks.UpdateTaskRequest
        {
            ContainerId = containerId,
            Resources = WireAny.Json(WireAny.LinuxResources, resources.ToJson(indented: false)),
        };
        await _rpc.Stub.UpdateAsync(request, cancellationToken: cancellationToken).About(Resource.Task, containerId).ConfigureAwait(false);
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
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            if (spec is not null)
                await _ns.ContainerRecords.PutSpecAsync(container.ContainerId, spec, deadline.Token).ConfigureAwait(false);
            if (ResourceMerge.Before(container.Spec?.Linux?.Resources, change) is CtrSpecResources before)
                await SendUpdateAsync(container.ContainerId, before, deadline.Token).ConfigureAwait(false);
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
            throw new CtrArgumentException("No limit was given.") { ErrorId = "NoLimit", Remedy = "Set a limit, such as 256m of memory." };
        if (change.Memory is { } memory)
            ResourceOptions.RequireConsistent(memory.Limit ?? now?.Memory?.Limit, memory.Swap ?? now?.Memory?.Swap, memory.Reservation);
    }

    private static CtrException ExplainUpdate(CtrRuntimeException error, string containerId)
    {
        var reason = RuntimeErrors.Reason(error.Message);
        bool Says(params string[] parts) => parts.Any(p => error.Message.Contains(p, StringComparison.OrdinalIgnoreCase));
        if (Says("device or resource busy", "current usage", "Resource busy"))
        {
            return new CtrConflictException($"Container '{containerId}' uses more than the new limit: {reason}.", error)
            {
                ErrorId = "LimitInUse",
                Subject = containerId,
                Remedy = "Set a higher limit, or reduce the container's use first.",
            };
        }

        if (Says("invalid argument", "numerical result out of range", "value too large", "permission denied"))
        {
            return new CtrArgumentException($"The kernel refuses these limits for container '{containerId}': {reason}.", error)
            {
                ErrorId = "InvalidLimit",
                Subject = containerId,
            };
        }

        return error;
    }
}

using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Containers;
using Containerd.Client.Workloads.Streams;
using Containerd.Host;
using Containerd.Host.Errors;

namespace Containerd.Client;

/// <summary>The containers of a namespace: their metadata, and the creation and removal of their resources (containers.v1).</summary>
public sealed class ContainerStore
{
    private readonly ImageScope _ns;
    private readonly ContainerRecords _records;
    private readonly TaskService _tasks;
    private readonly ExecService _execs;
    private readonly ContainerCreator _creator;
    private readonly ContainerRemoval _removal;
    private readonly ContainerRunner _runner;
    private readonly RestartSettings _restarts;
    private readonly RestartFailures _failures;

    internal ContainerStore(ImageScope ns, TaskLogs logs, ContainerNames names, SpecService specs, TaskService tasks, ExecService execs)
    {
        _ns = ns;
        _records = ns.ContainerRecords;
        _tasks = tasks;
        _execs = execs;
        _restarts = new RestartSettings(ns, logs);
        _creator = new ContainerCreator(ns, names, specs, _restarts);
        _failures = new RestartFailures(ns, logs);
        _removal = new ContainerRemoval(ns, logs, names, tasks);
        _runner = new ContainerRunner(ns, tasks, _creator, _removal);
    }

    /// <summary>The containers of this namespace (Containers.ListStream).</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The containers, by id.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrContainer>> ListAsync(CancellationToken cancellationToken = default) =>
        await _records.ListAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Reads a container (Containers.Get).</summary>
    /// <param name="id">Its id.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The changed container.</returns>
    /// <exception cref="CtrNotFoundException">The container does not exist (ContainerNotFound).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContainer> GetAsync(string id, CancellationToken cancellationToken = default) =>
        await _records.GetAsync(id, cancellationToken).ConfigureAwait(false);

    /// <summary>Fills in the details of containers: their settings, tasks, images and output files (Images.Get for each image).</summary>
    /// <param name="containers">Containers of this namespace.</param>
    /// <param name="tasks">The tasks of the namespace.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when all details are filled in.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task DetailAsync(IReadOnlyList<CtrContainer> containers, TaskIndex tasks, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(containers);
        ArgumentNullException.ThrowIfNull(tasks);
        var inspection = new ContainerInspection(_ns, tasks);
        foreach (var container in containers)
            container.Details = await inspection.OfAsync(container, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Adds the data of their tasks to containers: the status, the start and the last exit, and for those that the restart monitor could
    /// not start, its error.
    /// </summary>
    /// <param name="containers">Containers of this namespace.</param>
    /// <param name="tasks">The tasks of the namespace.</param>
    public void Complete(IReadOnlyList<CtrContainer> containers, TaskIndex tasks)
    {
        ArgumentNullException.ThrowIfNull(containers);
        ArgumentNullException.ThrowIfNull(tasks);
        foreach (var container in containers)
        {
            tasks.Complete(container);
            container.RestartError = _failures.Of(container);
        }
    }

    /// <summary>
    /// The containers that do not run: those that were created and not started, and those whose task has exited. A container that
    /// containerd's restart monitor keeps running is not one of them, although it does not run between two starts.
    /// </summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The containers, with their status and last exit.</returns>
    /// <exception cref="CtrException">The daemon does not return the tasks, so that it is not known which containers run.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrContainer>> ListIdleAsync(CancellationToken cancellationToken = default)
    {
        // Tasks last: a container that starts meanwhile has one.
        var containers = await _records.ListAsync(cancellationToken).ConfigureAwait(false);
        var tasks = await _tasks.IndexAsync(cancellationToken).ConfigureAwait(false);
        Complete(containers, tasks);
        return
        [
            .. containers.Where(c =>
                (tasks.Find(c.ContainerId)?.Status ?? CtrStatus.Stopped) == CtrStatus.Stopped && !RestartLabels.IsMonitored(c.Labels)
            ),
        ];
    }

    /// <summary>The relations of containers: image, snapshot chain, task, execs.</summary>
    /// <param name="containers">Containers of this namespace.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The namespace, and below it the containers in the order given.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrTree> TreeAsync(IReadOnlyList<CtrContainer> containers, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(containers);
        return await new ContainerTree(_ns, _execs).OfAsync(containers, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Creates a container (Containers.Create), and all its resources under a lease; a failure leaves nothing behind.</summary>
    /// <param name="creation">The options.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A canceled call leaves nothing behind.</param>
    /// <returns>The container, which is not running yet.</returns>
    /// <exception cref="CtrArgumentException">An id, spec or option that cannot be used.</exception>
    /// <exception cref="CtrNotFoundException">No such image, or no such user in it.</exception>
    /// <exception cref="CtrConflictException">The id is taken (ContainerExists).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContainer> CreateAsync(ContainerCreateOptions creation, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(creation);
        return await _creator.CreateAsync(creation, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Creates a container, runs its task until it exits with the caller's streams, and removes both.</summary>
    /// <param name="creation">The options.</param>
    /// <param name="io">The caller's streams.</param>
    /// <param name="timeout">The time limit after which it is killed; null for none.</param>
    /// <param name="keep">Whether the container is kept.</param>
    /// <param name="cancellationToken">
    /// The token to monitor for cancellation requests. Cancellation kills the process and removes the container.
    /// </param>
    /// <returns>The outcome of the process.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<ProcessOutcome> RunAsync(
        ContainerCreateOptions creation,
        ProcessIo io,
        TimeSpan? timeout = null,
        bool keep = false,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(creation);
        ArgumentNullException.ThrowIfNull(io);
        return await _runner.RunAsync(creation, StreamUse.Of(io), timeout, keep, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Creates a container with a terminal, runs its task until it exits in this process's terminal, and removes both.</summary>
    /// <param name="creation">The options.</param>
    /// <param name="terminal">The terminal, which is restored when the process exits.</param>
    /// <param name="timeout">The time limit after which it is killed; null for none.</param>
    /// <param name="keep">Whether the container is kept.</param>
    /// <param name="cancellationToken">
    /// The token to monitor for cancellation requests. Cancellation kills the process and removes the container.
    /// </param>
    /// <returns>The outcome of the process.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<ProcessOutcome> RunAsync(
        ContainerCreateOptions creation,
        LocalTerminal terminal,
        TimeSpan? timeout = null,
        bool keep = false,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(creation);
        ArgumentNullException.ThrowIfNull(terminal);
        return await _runner
            .RunAsync(creation, StreamUse.Of(terminal, _ns.Init(creation.Id)), timeout, keep, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Changes a container's labels (Containers.Update).</summary>
    /// <param name="id">The container.</param>
    /// <param name="change">Labels to set; a null value removes the label.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The changed container.</returns>
    /// <exception cref="CtrArgumentException">ReservedLabel: a label of this client. LabelTooLong: more than 4,096 bytes.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContainer> SetLabelsAsync(
        string id,
        IReadOnlyDictionary<string, string?> change,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(change);
        InheritedLabels.RequireUsable(change);
        var container = await _records.GetWireAsync(id, cancellationToken).ConfigureAwait(false);
        foreach (var (key, value) in change)
        {
            if (value is null)
                container.Labels.Remove(key);
            else
                container.Labels[key] = value;
        }

        return await _records.UpdateAsync(container, "labels", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Sets when containerd's restart monitor starts a container again (Containers.Update). The policy applies to a task that runs, and
    /// otherwise from the next start by a client; a stopped container stays stopped.
    /// </summary>
    /// <param name="id">The container.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The changed container.</returns>
    /// <exception cref="CtrArgumentException">The policy is not valid (InvalidRestartPolicy).</exception>
    /// <exception cref="CtrNotSupportedException">The daemon cannot keep it for this container (RestartNotSupported).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContainer> SetRestartPolicyAsync(string id, CtrRestartPolicy policy, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return await _restarts.SetAsync(id, policy, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Replaces a container's spec (Containers.Update); its next task starts with it.</summary>
    /// <param name="id">The container.</param>
    /// <param name="spec">The new spec.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The changed container.</returns>
    /// <exception cref="CtrArgumentException">The spec has no process to run (InvalidSpec): it is not merged with the old spec.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrContainer> SetSpecAsync(string id, CtrSpec spec, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        using var held = await SpecLock.TakeAsync(_ns, cancellationToken, id).ConfigureAwait(false);
        var container = await _records.GetWireAsync(id, cancellationToken).ConfigureAwait(false);
        ContainerCreator.RequireProcess(id, spec);
        container.Spec = WireAny.Json(WireAny.Spec, spec.ToJson(indented: false));
        return await _records.UpdateAsync(container, "spec", cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Removes a container with its read-write snapshot, its stopped task and its output (Containers.Delete, which alone would orphan a
    /// running task).
    /// </summary>
    /// <param name="id">The container.</param>
    /// <param name="force">Whether a running task is killed first.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>A task that completes when it is removed.</returns>
    /// <exception cref="CtrConflictException">Its task runs, and <paramref name="force"/> was not given (TaskRunning).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task RemoveAsync(string id, bool force = false, CancellationToken cancellationToken = default) =>
        await _removal.RemoveAsync(id, new() { Force = force }, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Removes a container with its read-write snapshot, its stopped task and its output, and on request with the anonymous volumes that
    /// were created for it.
    /// </summary>
    /// <param name="id">The container.</param>
    /// <param name="options">The options.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The names of the anonymous volumes that were kept.</returns>
    /// <exception cref="CtrConflictException">Its task runs, and it is not killed (TaskRunning).</exception>
    /// <exception cref="CtrNotSupportedException">It has anonymous volumes, and the daemon is elsewhere (DaemonNotLocal).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<string>> RemoveAsync(
        string id,
        ContainerRemoveOptions options,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        return await _removal.RemoveAsync(id, options, cancellationToken).ConfigureAwait(false);
    }
}

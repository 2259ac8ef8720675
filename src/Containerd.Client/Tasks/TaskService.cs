using System.Globalization;
using WireTasks = Containerd.Client.Wire.Tasks;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client;

/// <summary>What runs in containers: tasks are made, started, watched, signalled, stopped and deleted here (tasks.v1).</summary>
public sealed class TaskService
{
    private readonly NamespaceClient _ns;
    private readonly TaskRpc _rpc;

    internal TaskService(NamespaceClient ns)
    {
        _ns = ns;
        _rpc = new TaskRpc(ns);
    }

    /// <summary>The tasks of this namespace (Tasks.List).</summary>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The tasks, by container id.</returns>
    public async Task<IReadOnlyList<CtrTask>> ListAsync(CancellationToken cancellation = default)
    {
        var reply = await _rpc.Stub.ListAsync(new(), cancellationToken: cancellation).About(Resource.Task).ConfigureAwait(false);
        return [.. reply.Tasks.Select(FromWire).OrderBy(t => t.ContainerId, StringComparer.Ordinal)];
    }

    /// <summary>One container's task (Tasks.Get).</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The task as it is now.</returns>
    /// <exception cref="CtrNotFoundException">There is no such container (ContainerNotFound), or it has no task (TaskNotFound).</exception>
    public async Task<CtrTask> GetAsync(string containerId, CancellationToken cancellation = default) =>
        await FindAsync(containerId, cancellation).ConfigureAwait(false) ?? throw await MissingAsync(containerId, cancellation).ConfigureAwait(false);

    /// <summary>One container's task, if it has one (Tasks.Get).</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The task as it is now; null for none.</returns>
    public async Task<CtrTask?> FindAsync(string containerId, CancellationToken cancellation = default)
    {
        try
        {
            return FromWire(await _rpc.GetAsync(containerId, "", cancellation).ConfigureAwait(false));
        }
        catch (CtrNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Makes a container's task and starts it (Tasks.Create, Tasks.Start). A stopped task from an earlier start is deleted first.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="start">How.</param>
    /// <param name="cancellation">Gives up, and leaves no task.</param>
    /// <returns>The running task.</returns>
    /// <exception cref="CtrNotFoundException">There is no such container, or no such command in it (CommandNotFound).</exception>
    /// <exception cref="CtrConflictException">It runs already (TaskExists).</exception>
    public async Task<CtrTask> StartAsync(string containerId, TaskStart start, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        var container = await _ns.Containers.GetAsync(containerId, cancellation).ConfigureAwait(false);
        if (await FindAsync(containerId, cancellation).ConfigureAwait(false) is CtrTask old)
        {
            if (old.Status != CtrStatus.Stopped)
            {
                throw new CtrConflictException($"Container '{containerId}' has a task already: {Describe(old)}.")
                {
                    ErrorId = "TaskExists",
                    Subject = containerId,
                    Remedy = $"Stop it first with Stop-CtrTask {containerId}.",
                };
            }

            await RemoveAsync(containerId, force: false, cancellation).ConfigureAwait(false);
        }

        var terminal = container.Spec?.Process?.Terminal ?? false;
        using var log = _ns.Logs.Prepare(container, start, terminal);
        var created = false;
        try
        {
            await CreateAsync(container, log.StdinPath, log.StdoutPath, log.StderrPath, terminal, cancellation).ConfigureAwait(false);
            created = true;
            await _rpc.StartAsync(containerId, "", CancellationToken.None).ConfigureAwait(false);
            log.Keep();
        }
        catch (Exception e)
        {
            if (created || e is OperationCanceledException)
                await DiscardAsync(containerId).ConfigureAwait(false);
            if (e is CtrException known)
                throw RuntimeErrors.Explain(known, containerId, container.Spec?.Process?.Args ?? []);
            throw;
        }

        return await GetAsync(containerId, cancellation).ConfigureAwait(false);
    }

    /// <summary>Waits until a process has ended (Tasks.Wait), through restarts of the daemon.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="execId">An exec's process; null for the container's own.</param>
    /// <param name="cancellation">Stops waiting; the process goes on.</param>
    /// <returns>How it ended; without an exit code when the daemon lost it over a restart.</returns>
    /// <exception cref="CtrNotFoundException">There is no such container, task or exec.</exception>
    public async Task<CtrExit> WaitAsync(string containerId, string? execId = null, CancellationToken cancellation = default)
    {
        try
        {
            var process = await _rpc.GetAsync(containerId, execId ?? "", cancellation).ConfigureAwait(false);
            var exit = await _rpc.WaitAsync(containerId, execId ?? "", cancellation).ConfigureAwait(false);
            exit.Pid = (int)process.Pid;
            return exit;
        }
        catch (CtrNotFoundException) when (execId is null)
        {
            throw await MissingAsync(containerId, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Sends a signal (Tasks.Kill).</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="signal">The signal's number on the daemon's platform.</param>
    /// <param name="execId">An exec's process; null for the container's own.</param>
    /// <param name="all">Whether every process of the container gets it.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="CtrNotFoundException">There is no such task or process, or it has ended.</exception>
    public async Task SignalAsync(string containerId, int signal, string? execId = null, bool all = false, CancellationToken cancellation = default)
    {
        var process = await GetProcessAsync(containerId, execId, cancellation).ConfigureAwait(false);
        if (process.Status == WireTypes.Status.Stopped)
        {
            throw new CtrConflictException($"{(execId is null ? $"The task of container '{containerId}'" : $"The exec '{containerId}/{execId}'")} has ended: there is nobody to signal.")
            {
                ErrorId = execId is null ? "TaskNotRunning" : "ExecNotRunning",
                Subject = containerId,
            };
        }

        await _rpc.KillAsync(containerId, execId ?? "", signal, all, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Stops a task: sends its stop signal, waits out the grace, then kills every process of it. A paused task is resumed, since it cannot act on a
    /// signal before. The stopped task stays until it is removed.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="grace">How long it may take to end by itself.</param>
    /// <param name="signal">The first signal's number; null for the container's own stop signal.</param>
    /// <param name="cancellation">Stops waiting; what was signalled stays signalled.</param>
    /// <returns>How it ended.</returns>
    public async Task<CtrExit> StopAsync(string containerId, TimeSpan grace, int? signal = null, CancellationToken cancellation = default)
    {
        var process = await GetProcessAsync(containerId, null, cancellation).ConfigureAwait(false);
        var waiting = _rpc.WaitAsync(containerId, "", cancellation);
        if (process.Status is not (WireTypes.Status.Stopped or WireTypes.Status.Created))
        {
            await TrySignalAsync(signal ?? await StopSignalAsync(containerId, cancellation).ConfigureAwait(false), all: false).ConfigureAwait(false);
            if (process.Status is WireTypes.Status.Paused or WireTypes.Status.Pausing)
                await ResumeAsync().ConfigureAwait(false);
            if (await Task.WhenAny(waiting, Task.Delay(grace, cancellation)).ConfigureAwait(false) != waiting)
                cancellation.ThrowIfCancellationRequested();
        }

        if (!waiting.IsCompleted)
            await TrySignalAsync(CtrSignal.Kill.Number, all: true).ConfigureAwait(false);
        var exit = await waiting.ConfigureAwait(false);
        exit.Pid = (int)process.Pid;
        return exit;

        async Task ResumeAsync()
        {
            try
            {
                await _rpc.Stub.ResumeAsync(new() { ContainerId = containerId }, cancellationToken: cancellation).About(Resource.Task, containerId).ConfigureAwait(false);
            }
            catch (CtrException)
            {
                // A runtime may thaw it for the signal by itself, and a killed one has ended: what counts is that it is not frozen any more.
                var now = await FindAsync(containerId, cancellation).ConfigureAwait(false);
                if (now?.Status is CtrStatus.Paused or CtrStatus.Pausing)
                    throw;
            }
        }

        async Task TrySignalAsync(int number, bool all)
        {
            try
            {
                await _rpc.KillAsync(containerId, "", number, all, cancellation).ConfigureAwait(false);
            }
            catch (CtrNotFoundException)
            {
                // It ended in between: the wait tells how.
            }
        }
    }

    /// <summary>Deletes a stopped task (Tasks.Delete) and remembers how it ended in the container's labels.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="force">Whether a running task is killed first.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>How the task ended.</returns>
    /// <exception cref="CtrConflictException">It still runs, and <paramref name="force"/> was not given (TaskRunning).</exception>
    public async Task<CtrExit> RemoveAsync(string containerId, bool force = false, CancellationToken cancellation = default)
    {
        var process = await GetProcessAsync(containerId, null, cancellation).ConfigureAwait(false);
        if (process.Status != WireTypes.Status.Stopped)
        {
            if (!force)
            {
                throw new CtrConflictException($"The task of container '{containerId}' has not ended: {Describe(FromWire(process))}.")
                {
                    ErrorId = "TaskRunning",
                    Subject = containerId,
                    Remedy = $"Stop it first with Stop-CtrTask {containerId}, or kill and remove it at once with -Force.",
                };
            }

            if (process.Pid != 0)
                await StopAsync(containerId, TimeSpan.Zero, CtrSignal.Kill.Number, cancellation).ConfigureAwait(false);
        }

        var reply = await _rpc.DeleteAsync(containerId, "", cancellation).ConfigureAwait(false);
        var exit = _ns.Own(new CtrExit
        {
            ContainerId = containerId,
            Pid = (int)process.Pid,
            ExitCode = unchecked((int)reply.ExitStatus),
            ExitedAt = reply.ExitedAt.Local(),
        });
        _ns.Logs.CloseInputs(process.Stdin);
        await _ns.Containers.RememberExitAsync(exit, cancellation).ConfigureAwait(false);
        return exit;
    }

    /// <summary>Makes a task without starting it, with these streams (Tasks.Create).</summary>
    internal async Task CreateAsync(CtrContainer container, string stdin, string stdout, string stderr, bool terminal, CancellationToken cancellation)
    {
        var request = new WireTasks.CreateTaskRequest
        {
            ContainerId = container.ContainerId,
            Stdin = stdin,
            Stdout = stdout,
            Stderr = stderr,
            Terminal = terminal,
        };
        if (container.SnapshotKey.Length > 0)
            request.Rootfs.AddRange((await _ns.Snapshots.MountsAsync(container.Snapshotter, container.SnapshotKey, cancellation).ConfigureAwait(false)).Select(m => m.ToWire()));
        await _rpc.Stub.CreateAsync(request, cancellationToken: cancellation).About(Resource.Task, container.ContainerId).ConfigureAwait(false);
    }

    /// <summary>Runs a container's task to its end with the caller's streams, and deletes it.</summary>
    internal async Task<ProcessOutcome> RunAsync(CtrContainer container, ProcessIo io, TimeSpan? timeout, CancellationToken cancellation)
    {
        var id = container.ContainerId;
        var run = new ProcessRun
        {
            Create = (fifos, ct) => CreateAsync(container, fifos.StdinPath, fifos.StdoutPath, fifos.StderrPath, io.Terminal, ct),
            Start = ct => _rpc.StartAsync(id, "", ct),
            CloseInput = ct => _rpc.CloseInputAsync(id, "", ct),
            Wait = ct => _rpc.WaitAsync(id, "", ct),
            Kill = ct => _rpc.KillAsync(id, "", CtrSignal.Kill.Number, all: true, ct),
            Delete = ct => _rpc.DeleteAsync(id, "", ct),
        };
        try
        {
            return await run.RunAsync(io, timeout, cancellation).ConfigureAwait(false);
        }
        catch (CtrException e)
        {
            throw RuntimeErrors.Explain(e, id, container.Spec?.Process?.Args ?? []);
        }
    }

    private async Task<WireTypes.Process> GetProcessAsync(string containerId, string? execId, CancellationToken cancellation)
    {
        try
        {
            return await _rpc.GetAsync(containerId, execId ?? "", cancellation).ConfigureAwait(false);
        }
        catch (CtrNotFoundException) when (execId is null)
        {
            throw await MissingAsync(containerId, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Why there is no task: no container at all, or one that was not started.</summary>
    private async Task<CtrNotFoundException> MissingAsync(string containerId, CancellationToken cancellation)
    {
        try
        {
            await _ns.Containers.GetAsync(containerId, cancellation).ConfigureAwait(false);
            return RpcErrors.NotFound(Resource.Task, containerId);
        }
        catch (CtrNotFoundException e)
        {
            return e;
        }
    }

    private async Task<int> StopSignalAsync(string containerId, CancellationToken cancellation)
    {
        var container = await _ns.Containers.GetAsync(containerId, cancellation).ConfigureAwait(false);
        if (!container.Labels.TryGetValue(ContainerLabels.StopSignal, out var text))
            return CtrSignal.Term.Number;
        try
        {
            return CtrSignal.Parse(text).Number;
        }
        catch (CtrArgumentException)
        {
            // An image may say anything; its containers can be stopped all the same.
            return CtrSignal.Term.Number;
        }
    }

    private async Task DiscardAsync(string containerId)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(45));
        try
        {
            await RemoveAsync(containerId, force: true, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            // The error that led here is the one that the caller needs.
        }
    }

    private CtrTask FromWire(WireTypes.Process process)
    {
        var stopped = process.Status == WireTypes.Status.Stopped;
        return _ns.Own(new CtrTask
        {
            // container_id is never set in what the Tasks service answers.
            ContainerId = process.Id,
            Pid = (int)process.Pid,
            Status = StatusOf(process.Status),
            ExitCode = stopped ? unchecked((int)process.ExitStatus) : null,
            ExitedAt = stopped ? process.ExitedAt.Local() : null,
            Terminal = process.Terminal,
            Stdin = process.Stdin,
            Stdout = process.Stdout,
            Stderr = process.Stderr,
        });
    }

    internal static CtrStatus StatusOf(WireTypes.Status status) => status switch
    {
        WireTypes.Status.Created => CtrStatus.Created,
        WireTypes.Status.Running => CtrStatus.Running,
        WireTypes.Status.Stopped => CtrStatus.Stopped,
        WireTypes.Status.Paused => CtrStatus.Paused,
        WireTypes.Status.Pausing => CtrStatus.Pausing,
        _ => CtrStatus.Unknown,
    };

    private static string Describe(CtrTask task) => string.Create(CultureInfo.InvariantCulture, $"{task.Status.ToString().ToLowerInvariant()}, pid {task.Pid}");
}

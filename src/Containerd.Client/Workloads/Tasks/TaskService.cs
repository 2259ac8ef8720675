using System.Diagnostics;
using System.Globalization;
using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Logs;
using Containerd.Client.Workloads.Options;
using Containerd.Client.Workloads.Streams;
using Containerd.Client.Workloads.Tasks;
using Containerd.Host;
using Containerd.Host.Errors;
using Containerd.Host.Logs;
using Containerd.Host.Terminals;
using WireTasks = Containerd.Client.Wire.Tasks;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client;

/// <summary>The tasks of containers: creates, starts, watches, signals, stops and deletes them (tasks.v1).</summary>
public sealed partial class TaskService
{
    /// <summary>The time for which a listing of containers waits for their tasks.</summary>
    private static readonly TimeSpan ListingPatience = TimeSpan.FromSeconds(5);

    private readonly ImageScope _ns;
    private readonly TaskLogs _logs;
    private readonly Func<string, TaskStart, CancellationToken, Task<CtrTask>> _startFromCheckpoint;
    private readonly TaskRpc _rpc;
    private readonly OomKills _oom;
    private readonly TaskPause _pause;

    internal TaskService(ImageScope ns, TaskLogs logs, Func<string, TaskStart, CancellationToken, Task<CtrTask>> startFromCheckpoint)
    {
        _ns = ns;
        _logs = logs;
        _startFromCheckpoint = startFromCheckpoint;
        _rpc = new TaskRpc(ns);
        _oom = new OomKills(ns);
        _pause = new TaskPause(ns);
    }

    /// <summary>The tasks of this namespace (Tasks.List).</summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The tasks, by container id.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrTask>> ListAsync(CancellationToken cancellationToken = default)
    {
        return await _ns.TaskRecords.ListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Lists the tasks of this namespace, with data about their exits: <see cref="ListAsync"/>, and one Tasks.Metrics for those that
    /// stopped with a code other than 0.
    /// </summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The tasks, by container id.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<TaskIndex> IndexAsync(CancellationToken cancellationToken = default)
    {
        var tasks = await ListAsync(cancellationToken).ConfigureAwait(false);
        await _oom.FillAsync(tasks).ConfigureAwait(false);
        return new TaskIndex(tasks);
    }

    /// <summary>
    /// Reads the tasks of listed containers, like <see cref="IndexAsync"/>, within a few seconds: a shim that does not answer must not hide
    /// the containers.
    /// </summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The index; an empty one if the daemon does not return the tasks.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<TaskIndex> TryIndexAsync(CancellationToken cancellationToken = default)
    {
        using var patience = new CancellationTokenSource(ListingPatience);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            return await IndexAsync(deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e)
            when (e is CtrRuntimeException or CtrTimeoutException or OperationCanceledException
                && !cancellationToken.IsCancellationRequested
            )
        {
            return new TaskIndex([]);
        }
    }

    /// <summary>Reads the task of a container (Tasks.Get).</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The current task.</returns>
    /// <exception cref="CtrNotFoundException">The container does not exist (ContainerNotFound), or has no task (TaskNotFound).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrTask> GetAsync(string containerId, CancellationToken cancellationToken = default)
    {
        var task = await FindAsync(containerId, cancellationToken).ConfigureAwait(false)
            ?? throw await _ns.TaskRecords.MissingAsync(containerId, cancellationToken).ConfigureAwait(false);
        await _oom.FillAsync([task]).ConfigureAwait(false);
        return task;
    }

    /// <summary>Reads the task of a container, if it has one (Tasks.Get).</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The current task; null for none.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrTask?> FindAsync(string containerId, CancellationToken cancellationToken = default)
    {
        return await _ns.TaskRecords.FindAsync(containerId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Creates a container's task and starts it (Tasks.Create, Tasks.Start). A stopped task of an earlier start is deleted first; a task
    /// that any client created without starting it is started.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="start">The options.</param>
    /// <param name="cancellationToken">Gives up, and leaves no task.</param>
    /// <returns>The running task.</returns>
    /// <exception cref="CtrNotFoundException">There is no such container, or no such command in it (CommandNotFound).</exception>
    /// <exception cref="CtrConflictException">
    /// It runs already (TaskExists), or was created with streams of its own (TaskCreated).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrTask> StartAsync(string containerId, TaskStart start, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        return await (
            start.CheckpointPath is not null
                ? _startFromCheckpoint(containerId, start, cancellationToken)
                : UnfinishedWork.Known(StartCoreAsync(containerId, start, cancellationToken), _ns.Connection, cancellationToken)
        ).ConfigureAwait(false);
    }

    private async Task<CtrTask> StartCoreAsync(string containerId, TaskStart start, CancellationToken cancellationToken)
    {
        var container = await _ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        var old = await FindAsync(containerId, cancellationToken).ConfigureAwait(false);
        if (old?.Status == CtrStatus.Created && start.Options is null)
        {
            if (start.ConsoleSize is { } size)
                await ResizeAsync(containerId, (int)size.Width, (int)size.Height, null, cancellationToken).ConfigureAwait(false);
            await StartCreatedAsync(container, old, start).ConfigureAwait(false);
        }
        else
        {
            using var log = await CreateAsync(container, old, start, cancellationToken).ConfigureAwait(false);
            try
            {
                await StartCreatedAsync(container, isOurs: true).ConfigureAwait(false);
                log.Keep();
            }
            catch (CtrException e) when (e.IsUnanswered())
            {
                // It may still be running.
                log.Keep();
                throw;
            }
        }

        return await GetAsync(containerId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Creates a container's task without starting it (Tasks.Create). A stopped task of an earlier start is deleted first.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="start">Its streams.</param>
    /// <param name="cancellationToken">Gives up, and leaves no task.</param>
    /// <returns>The task; the user's process has not started.</returns>
    /// <exception cref="CtrConflictException">The task already exists (TaskExists).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrTask> CreateAsync(string containerId, TaskStart start, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        return await UnfinishedWork
            .Known(CreateCoreAsync(containerId, start, cancellationToken), _ns.Connection, cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task<CtrTask> CreateCoreAsync(string containerId, TaskStart start, CancellationToken cancellationToken)
    {
        var container = await _ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        var old = await FindAsync(containerId, cancellationToken).ConfigureAwait(false);
        using var log = await CreateAsync(container, old, start, cancellationToken).ConfigureAwait(false);
        log.Keep();
        return await GetAsync(containerId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Creates the task with files for its output, which the caller keeps or discards.</summary>
    private async Task<LogFiles> CreateAsync(CtrContainer container, CtrTask? old, TaskStart start, CancellationToken cancellationToken)
    {
        var id = container.ContainerId;
        // Before the task of an earlier start is removed.
        if (start.WithStdin || !start.NoLog)
            _ns.Connection.RequireHost(
                start.WithStdin ? "A task can be given a standard input" : "The output of a task can be kept",
                ("NoLog", "start it without a log and without a standard input.")
            );
        var terminal = TerminalOf(container);
        if (start.ConsoleSize is not null && !terminal)
            throw NoTerminal(id, null);
        await ClearStoppedAsync(id, old, cancellationToken).ConfigureAwait(false);
        var log = _logs.Prepare(container, start, terminal);
        try
        {
            await CreateAsync(container, log.StdinPath, log.StdoutPath, log.StderrPath, terminal, cancellationToken, start.Options)
                .ConfigureAwait(false);
            if (Logger.PrefixOf(log.StdoutPath) is string prefix && !Logger.Runs(prefix))
            {
                var failure = Logger.Failed(id, prefix);
                await DiscardAsync(id, cancellationToken).ConfigureAwait(false);
                throw failure;
            }

            if (start.ConsoleSize is { } size)
                await _rpc.ResizeAsync(id, "", (int)size.Width, (int)size.Height, cancellationToken).ConfigureAwait(false);
            return log;
        }
        catch (CtrException e) when (e.IsUnanswered())
        {
            // The daemon may still have created it, and its output goes there.
            log.Keep();
            throw;
        }
        catch (Exception e)
        {
            log.Dispose();
            if (e is CtrException known)
                throw RuntimeErrors.Explain(known, id, container.Spec?.Process?.Args ?? []);
            throw;
        }
    }

    /// <summary>A container has one task: an earlier stopped one is removed, any other is an error.</summary>
    private async Task ClearStoppedAsync(string containerId, CtrTask? old, CancellationToken cancellationToken)
    {
        if (old is null)
            return;
        if (old.Status != CtrStatus.Stopped)
            throw InTheWay(old);
        await RemoveAsync(containerId, force: false, cancellationToken).ConfigureAwait(false);
    }

    private static CtrConflictException InTheWay(CtrTask task, Exception? cause = null) =>
        new($"Container '{task.ContainerId}' already has a task: {Describe(task)}.", cause)
        {
            ErrorId = "TaskExists",
            Subject = task.ContainerId,
            RemedyId = task.Status == CtrStatus.Created ? "Start" : "Stop",
            Remedy = task.Status == CtrStatus.Created ? "Start that task." : "Stop that task first.",
        };

    /// <summary>The reason for which containerd does not create a task, although there was none before.</summary>
    private async Task<CtrConflictException> InTheWayAsync(
        string containerId,
        CtrConflictException error,
        CancellationToken cancellationToken
    ) =>
        // A shim that is creating one does not answer meanwhile.
        await FindAsync(containerId, cancellationToken).ConfigureAwait(false) is { } task and not { Status: CtrStatus.Unknown, Pid: 0 }
            ? InTheWay(task, error)
            : new CtrConflictException(
                $"Container '{containerId}' has a shim but no task: either another client is creating the task now, or containerd stopped while creating it and left the shim behind.",
                error
            )
            {
                ErrorId = "TaskExists",
                Subject = containerId,
                RemedyId = "RemoveShim",
                Remedy = "If no other client is starting it, end the shim: force the removal of the task.",
            };

    /// <summary>Starts a task that an earlier call or another client created, with its existing streams.</summary>
    private async Task StartCreatedAsync(CtrContainer container, CtrTask created, TaskStart start, bool isOurs = false)
    {
        if (start.ChoosesOthersThan(created))
        {
            throw new CtrConflictException(
                $"The task of container '{container.ContainerId}' has already been created, and its streams cannot be changed."
            )
            {
                ErrorId = "TaskCreated",
                Subject = container.ContainerId,
                Remedy = "Start it without stream options, or remove it first.",
            };
        }

        try
        {
            await StartCreatedAsync(container, isOurs).ConfigureAwait(false);
        }
        catch (CtrException e) when (!e.IsUnanswered() && e.ErrorId != "TaskExists")
        {
            _logs.Forget(container, created);
            throw;
        }
    }

    /// <summary>Starts a created task (Tasks.Start); a task that cannot be started is deleted.</summary>
    /// <param name="container">The container.</param>
    /// <param name="isOurs">Whether the caller has just created the task, so that no other client has started it.</param>
    private async Task StartCreatedAsync(CtrContainer container, bool isOurs)
    {
        var id = container.ContainerId;
        try
        {
            // A start in progress cannot be cancelled.
            await _rpc.StartAsync(id, "", CancellationToken.None).ConfigureAwait(false);
        }
        catch (CtrException e)
        {
            var explained = await ExplainStartAsync(e, container, isOurs).ConfigureAwait(false);
            // Another client was faster, and its task is running; or the daemon became unavailable, and ours may be running.
            if (explained.ErrorId != "TaskExists" && !explained.IsUnanswered())
                await DiscardAsync(id).ConfigureAwait(false);
            throw explained;
        }
    }

    /// <summary>
    /// The error for a created task that did not start. The runtime reports the same for a task that was already started and for one whose
    /// process died before its start: the first is running or was started by another client.
    /// </summary>
    private async Task<CtrException> ExplainStartAsync(CtrException error, CtrContainer container, bool isOurs)
    {
        var id = container.ContainerId;
        var explained = RuntimeErrors.Explain(error, id, container.Spec?.Process?.Args ?? []);
        var tried = error.Message.Contains("OCI runtime start failed", StringComparison.Ordinal);
        if (!RuntimeErrors.IsAlreadyStarted(error))
            return explained;
        try
        {
            // The shim may detect the exit later than the runtime.
            var now = await _rpc.GetAsync(id, "", CancellationToken.None).ConfigureAwait(false);
            if (now.Status is not (WireTypes.Status.Stopped or WireTypes.Status.Created))
                return explained;
            // Otherwise it is a task of another client that has exited according to the shim: a started one has the exit code of its
            // program.
            if (!isOurs && !tried && now.ExitStatus <= 128)
                return explained;
            var code =
                now.Status == WireTypes.Status.Stopped
                    ? string.Create(CultureInfo.InvariantCulture, $" with exit code {unchecked((int)now.ExitStatus)}")
                    : "";
            return new CtrRuntimeException($"The process of container '{id}' ended{code} before it was started.", error)
            {
                ErrorId = "TaskDiedBeforeStart",
                Subject = id,
                Remedy = "Find out what killed it, such as a memory limit that is too low or a hook of the spec, and start it again.",
            };
        }
        catch (CtrException)
        {
            return explained;
        }
    }

    /// <summary>Freezes all processes of a running task (Tasks.Pause).</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The paused task.</returns>
    /// <exception cref="CtrConflictException">It is already paused (TaskPaused), or is not running (TaskNotRunning).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrTask> PauseAsync(string containerId, CancellationToken cancellationToken = default) =>
        await _pause.PauseAsync(containerId, cancellationToken).ConfigureAwait(false);

    /// <summary>Lets a paused task continue (Tasks.Resume).</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The running task.</returns>
    /// <exception cref="CtrConflictException">It is not paused (TaskNotPaused), or is not running (TaskNotRunning).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrTask> ResumeAsync(string containerId, CancellationToken cancellationToken = default) =>
        await _pause.ResumeAsync(containerId, cancellationToken).ConfigureAwait(false);

    /// <summary>Waits until a process has exited (Tasks.Wait), across restarts of the daemon.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="execId">The id of an exec; null for the container's own process.</param>
    /// <param name="cancellationToken">Stops waiting; the process goes on.</param>
    /// <returns>Its exit; without an exit code if the daemon lost it by a restart.</returns>
    /// <exception cref="CtrNotFoundException">There is no such container, task or exec.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrExit> WaitAsync(string containerId, string? execId = null, CancellationToken cancellationToken = default)
    {
        try
        {
            var process = await _rpc.GetAsync(containerId, execId ?? "", cancellationToken).ConfigureAwait(false);
            var kills = _oom.Before(containerId);
            var exit = await _rpc.WaitAsync(containerId, execId ?? "", cancellationToken).ConfigureAwait(false);
            exit.Pid = (int)process.Pid;
            exit.OomKilled = await (
                execId is null ? _oom.OfTaskAsync(containerId, exit.ExitCode) : _oom.OfExecAsync(containerId, kills, exit.ExitCode)
            ).ConfigureAwait(false);
            return exit;
        }
        catch (CtrNotFoundException) when (execId is null)
        {
            throw await _ns.TaskRecords.MissingAsync(containerId, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends a signal (Tasks.Kill).</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="signal">The signal's number on the daemon's platform.</param>
    /// <param name="execId">The id of an exec; null for the container's own process.</param>
    /// <param name="all">Whether it is sent to every process of the container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrNotFoundException">There is no such task or process, or it has ended.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task SignalAsync(
        string containerId,
        int signal,
        string? execId = null,
        bool all = false,
        CancellationToken cancellationToken = default
    )
    {
        var process = await GetProcessToEndAsync(containerId, execId, cancellationToken).ConfigureAwait(false);
        if (process.Status == WireTypes.Status.Stopped)
        {
            throw new CtrConflictException(
                $"{(execId is null ? $"The task of container '{containerId}'" : $"The exec '{containerId}/{execId}'")} has exited, so there is no process to signal."
            )
            {
                ErrorId = execId is null ? "TaskNotRunning" : "ExecNotRunning",
                Subject = containerId,
            };
        }

        await _rpc.KillAsync(containerId, execId ?? "", signal, all, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Stops a task: sends its stop signal, waits for the timeout, then kills all its processes. A paused task is resumed, because it
    /// cannot handle a signal before. The stopped task exists until it is removed.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="grace">The time limit for it to stop by itself; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <param name="signal">The number of the first signal; null for the container's own stop signal.</param>
    /// <param name="cancellationToken">Stops waiting; what was signalled stays signalled.</param>
    /// <returns>The outcome.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrExit> StopAsync(
        string containerId,
        TimeSpan grace,
        int? signal = null,
        CancellationToken cancellationToken = default
    )
    {
        var process = await GetProcessToEndAsync(containerId, null, cancellationToken).ConfigureAwait(false);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waiting = _rpc.WaitAsync(containerId, "", ending.Token);
        try
        {
            var exit = await StopCoreAsync(containerId, process, waiting, grace, signal, cancellationToken).ConfigureAwait(false);
            exit.OomKilled = await _oom.OfTaskAsync(containerId, exit.ExitCode).ConfigureAwait(false);
            return exit;
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            _ = waiting.ContinueWith(static ended => ended.Exception, TaskScheduler.Default);
        }
    }

    private async Task<CtrExit> StopCoreAsync(
        string containerId,
        WireTypes.Process process,
        Task<CtrExit> waiting,
        TimeSpan grace,
        int? signal,
        CancellationToken cancellationToken
    )
    {
        if (process.Status is not (WireTypes.Status.Stopped or WireTypes.Status.Created))
        {
            await TrySignalAsync(signal ?? await StopSignalAsync(containerId, cancellationToken).ConfigureAwait(false), all: false)
                .ConfigureAwait(false);
            if (process.Status is WireTypes.Status.Paused or WireTypes.Status.Pausing)
                await ResumeAsync().ConfigureAwait(false);
            if (await Task.WhenAny(waiting, LongTime.DelayAsync(grace, cancellationToken)).ConfigureAwait(false) != waiting)
                cancellationToken.ThrowIfCancellationRequested();
        }

        if (!waiting.IsCompleted)
            await TrySignalAsync(CtrSignal.Kill.Number, all: true).ConfigureAwait(false);
        try
        {
            // The timeout is reached: the rest has the time limit of any other call.
            var exit = await waiting.WaitAsync(_ns.Connection.AnswerTime, cancellationToken).ConfigureAwait(false);
            exit.Pid = (int)process.Pid;
            return exit;
        }
        catch (TimeoutException) when (!waiting.IsCompleted)
        {
            throw TimeoutErrors.NotEnded(containerId, _ns.Connection.AnswerTime);
        }

        async Task ResumeAsync()
        {
            try
            {
                await _rpc
                    .Stub.ResumeAsync(new() { ContainerId = containerId }, cancellationToken: cancellationToken)
                    .About(Resource.Task, containerId)
                    .ConfigureAwait(false);
            }
            catch (CtrException e) when (e.Message.Contains("not paused", StringComparison.Ordinal))
            {
                // The runtime has thawed it for the signal by itself, although the shim still reports paused.
            }
            catch (CtrException)
            {
                // A runtime may thaw it for the signal by itself, and a killed task has exited, which the shim detects soon: it only has to
                // be no longer frozen.
                var giveUp = Environment.TickCount64 + 1000;
                while (
                    await FindAsync(containerId, cancellationToken).ConfigureAwait(false)
                        is { Status: CtrStatus.Paused or CtrStatus.Pausing }
                )
                {
                    if (Environment.TickCount64 > giveUp)
                        throw;
                    await Task.Delay(20, cancellationToken).ConfigureAwait(false);
                }
            }
        }

        async Task TrySignalAsync(int number, bool all)
        {
            try
            {
                await _rpc.KillAsync(containerId, "", number, all, cancellationToken).ConfigureAwait(false);
            }
            catch (CtrNotFoundException)
            {
                // It exited in between: the wait returns its exit.
            }
        }
    }

    /// <summary>Deletes a stopped task (Tasks.Delete) and stores its exit in the labels of the container.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="force">Whether a running task is killed first.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The exit of the task; without an exit code if it was never started, or the daemon does not know it.</returns>
    /// <exception cref="CtrConflictException">It still runs, and <paramref name="force"/> was not given (TaskRunning).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrExit> RemoveAsync(string containerId, bool force = false, CancellationToken cancellationToken = default) =>
        await RemoveAsync(containerId, force, remember: true, cancellationToken).ConfigureAwait(false);

    private async Task<CtrExit> RemoveAsync(string containerId, bool force, bool remember, CancellationToken cancellationToken)
    {
        WireTypes.Process process;
        try
        {
            process = await GetProcessToEndAsync(containerId, null, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrNotFoundException e) when (force && e.ErrorId == "TaskNotFound")
        {
            if (await EndShimAsync(containerId, cancellationToken).ConfigureAwait(false))
                return _ns.Own(new CtrExit { ContainerId = containerId });
            throw;
        }

        CtrExit? exit = null;
        if (process.Status != WireTypes.Status.Stopped)
        {
            if (!force)
            {
                throw new CtrConflictException(
                    $"The task of container '{containerId}' has not exited: {Describe(_ns.TaskRecords.FromWire(process))}."
                )
                {
                    ErrorId = "TaskRunning",
                    Subject = containerId,
                    Remedy = "Stop it first, or force its removal, which kills it.",
                };
            }

            if (process.Pid != 0)
                exit = await StopAsync(containerId, TimeSpan.Zero, CtrSignal.Kill.Number, cancellationToken).ConfigureAwait(false);
        }

        var oom =
            exit is null && remember && process.Status == WireTypes.Status.Stopped
                ? await _oom.OfTaskAsync(containerId, unchecked((int)process.ExitStatus)).ConfigureAwait(false)
                : exit?.OomKilled;
        // From here on, cancellation would lose the exit.
        cancellationToken.ThrowIfCancellationRequested();
        exit = Ended(process, exit, await DeleteAsync(process, CancellationToken.None).ConfigureAwait(false));
        exit.OomKilled = exit.ExitCode is null ? null : oom;
        _oom.Forget(containerId);
        _logs.CloseInputs(process.Stdin);
        // A task that never started has no exit, and the exit of the last one is kept.
        if (remember && process.Status != WireTypes.Status.Created)
            await _ns.ContainerRecords.RememberExitAsync(exit, CancellationToken.None).ConfigureAwait(false);
        return exit;
    }

    /// <summary>Deletes a task.</summary>
    /// <returns>The exit that the daemon reports; null if its shim died in the meantime, and the daemon has deleted it itself.</returns>
    private async Task<WireTasks.DeleteResponse?> DeleteAsync(WireTypes.Process process, CancellationToken cancellationToken)
    {
        try
        {
            return await _rpc.DeleteAsync(process.Id, "", cancellationToken).ConfigureAwait(false);
        }
        catch (CtrNotFoundException e) when (process.Status == WireTypes.Status.Stopped && e.InnerException is CtrRuntimeException)
        {
            return null;
        }
    }

    /// <summary>
    /// The exit of a deleted task. Data from before its deletion takes precedence: when a shim dies, the daemon deletes the task itself and
    /// invents an exit code.
    /// </summary>
    private CtrExit Ended(WireTypes.Process before, CtrExit? stopped, WireTasks.DeleteResponse? reply)
    {
        var exit = _ns.Own(new CtrExit { ContainerId = before.Id, Pid = (int)before.Pid });
        switch (before.Status)
        {
            // The user's program never ran.
            case WireTypes.Status.Created:
                break;
            case WireTypes.Status.Stopped when before.ExitedAt.Local() is not null:
                (exit.ExitCode, exit.ExitedAt) = (unchecked((int)before.ExitStatus), before.ExitedAt.Local());
                break;
            default:
                if (stopped is { ExitCode: not null })
                    (exit.ExitCode, exit.ExitedAt) = (stopped.ExitCode, stopped.ExitedAt);
                else if (reply is not null && before.Status != WireTypes.Status.Unknown)
                    (exit.ExitCode, exit.ExitedAt) = (unchecked((int)reply.ExitStatus), reply.ExitedAt.Local());
                break;
        }

        return exit;
    }

    /// <summary>Creates a task without starting it, with these streams (Tasks.Create).</summary>
    internal async Task CreateAsync(
        CtrContainer container,
        string stdin,
        string stdout,
        string stderr,
        bool terminal,
        CancellationToken cancellationToken,
        Google.Protobuf.WellKnownTypes.Any? options = null
    )
    {
        var request = new WireTasks.CreateTaskRequest
        {
            ContainerId = container.ContainerId,
            Stdin = stdin,
            Stdout = stdout,
            Stderr = stderr,
            Terminal = terminal,
            Options = await MappedStreams.OptionsAsync(_ns, container, options, cancellationToken).ConfigureAwait(false),
        };
        if (container.SnapshotKey.Length > 0)
            request.Rootfs.AddRange(
                (
                    await _ns.Snapshots.MountsAsync(container.Snapshotter, container.SnapshotKey, cancellationToken).ConfigureAwait(false)
                ).Select(m => m.ToWire())
            );
        var id = container.ContainerId;
        _oom.Forget(id);
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await UnfinishedWork
                    .AnswerAsync(
                        stop => _rpc.Stub.CreateAsync(request, cancellationToken: stop).About(Resource.Task, id),
                        _ => RemoveLeftAsync(id),
                        cancellationToken
                    )
                    .ConfigureAwait(false);
                return;
            }
            catch (CtrConnectionException)
            {
                await UnfinishedWork
                    .EnsureAsync(deadline => EndShimAsync(id, deadline), _ns.Connection, holdsUp: false)
                    .ConfigureAwait(false);
                throw;
            }
            catch (CtrConflictException e) when (e.ErrorId == "TaskExists")
            {
                if (waiting.Elapsed > DeadShimPatience || !await IsHiddenAsync(id, cancellationToken).ConfigureAwait(false))
                    throw await InTheWayAsync(id, e, cancellationToken).ConfigureAwait(false);
                await Task.Delay(DeadShimPause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Runs a container's task until it exits with its raw streams passed to the caller, and deletes it.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="attach">Receives the streams before the process starts.</param>
    /// <param name="withStdin">Whether it has standard input.</param>
    /// <param name="timeout">The time limit after which it is killed; null for none.</param>
    /// <param name="cancellationToken">Gives up: the process is killed.</param>
    /// <returns>The outcome.</returns>
    /// <exception cref="CtrConflictException">The task already exists (TaskExists).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<ProcessOutcome> RunAsync(
        string containerId,
        StdioCallback attach,
        bool withStdin = false,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(attach);
        var limit = new RunLimit(_ns, containerId, null, timeout);
        return await _ns
            .State.EndingRuns.AwaitAsync(
                limit.AwaitAsync,
                async ct =>
                {
                    var container = await PrepareAsync(containerId, ct).ConfigureAwait(false);
                    return await RunAsync(container, run => run.RunAsync(attach, withStdin, TerminalOf(container), limit.Left, ct), limit)
                        .ConfigureAwait(false);
                },
                [containerId],
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Starts a container's task with its raw streams passed to the caller (libcontainerd's Start). It runs in the background and is not
    /// deleted.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="attach">
    /// Receives the streams before the process starts, and owns them until they end; its output does not go elsewhere.
    /// </param>
    /// <param name="withStdin">Whether it has standard input.</param>
    /// <param name="cancellationToken">Gives up, and leaves no task.</param>
    /// <returns>The running task.</returns>
    /// <exception cref="CtrConflictException">The task already exists (TaskExists).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrTask> StartAsync(
        string containerId,
        StdioCallback attach,
        bool withStdin = false,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(attach);
        var container = await PrepareAsync(containerId, cancellationToken).ConfigureAwait(false);
        await RunAsync(container, run => run.StartAsync(attach, withStdin, TerminalOf(container), cancellationToken)).ConfigureAwait(false);
        return await GetAsync(containerId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a container's task until it exits with the caller's streams, and deletes it.</summary>
    internal Task<ProcessOutcome> RunAsync(CtrContainer container, ProcessIo io, RunLimit limit, CancellationToken cancellationToken) =>
        RunAsync(container, run => run.RunAsync(io, limit.Left, cancellationToken), limit);

    /// <summary>Runs a container's task until it exits in this process's terminal, and deletes it.</summary>
    internal Task<ProcessOutcome> RunAsync(
        CtrContainer container,
        LocalTerminal terminal,
        RunLimit limit,
        CancellationToken cancellationToken
    )
    {
        var id = container.ContainerId;
        if (!TerminalOf(container))
            throw new CtrArgumentException($"The spec of container '{id}' does not give its process a terminal.")
            {
                ErrorId = "NoTerminal",
                Subject = id,
                Remedy = "Set Process.Terminal of the spec.",
            };
        var relay = new TerminalRelay(terminal, null, (width, height, ct) => _rpc.ResizeAsync(id, "", width, height, ct));
        return RunAsync(
            container,
            run => run.RunAsync(relay.RunAsync, withStdin: true, terminal: true, limit.Left, cancellationToken),
            limit,
            LocalTerminal.Size
        );
    }

    private async Task<T> RunAsync<T>(
        CtrContainer container,
        Func<ProcessRun, Task<T>> work,
        RunLimit? limit = null,
        (int Width, int Height)? size = null
    )
    {
        var id = container.ContainerId;
        var run = new ProcessRun
        {
            Connection = _ns.Connection,
            Limit = limit,
            Create = async (fifos, ct) =>
            {
                await CreateAsync(container, fifos.StdinPath, fifos.StdoutPath, fifos.StderrPath, fifos.StderrPath.Length == 0, ct)
                    .ConfigureAwait(false);
                if (size is not var (width, height))
                    return;
                try
                {
                    await _rpc.ResizeAsync(id, "", width, height, ct).ConfigureAwait(false);
                }
                catch
                {
                    await DiscardAsync(id, ct).ConfigureAwait(false);
                    throw;
                }
            },
            Start = StartAsync,
            CloseInput = ct => _rpc.CloseInputAsync(id, "", ct),
            Wait = ct => _rpc.WaitAsync(id, "", ct),
            Kill = ct => _rpc.KillAsync(id, "", CtrSignal.Kill.Number, all: true, ct),
            Complete = async exit => exit.OomKilled = await _oom.OfTaskAsync(id, exit.ExitCode).ConfigureAwait(false),
            Delete = ct => _rpc.DeleteAsync(id, "", ct),
        };
        try
        {
            return await work(run).ConfigureAwait(false);
        }
        catch (CtrException e)
        {
            throw RuntimeErrors.Explain(e, id, container.Spec?.Process?.Args ?? []);
        }

        async Task<int> StartAsync(CancellationToken cancellationToken)
        {
            try
            {
                return await _rpc.StartAsync(id, "", cancellationToken).ConfigureAwait(false);
            }
            catch (CtrException e)
            {
                throw await ExplainStartAsync(e, container, isOurs: true).ConfigureAwait(false);
            }
        }
    }

    private async Task<CtrContainer> PrepareAsync(string containerId, CancellationToken cancellationToken)
    {
        _ns.Connection.RequireHost("The streams of a task can be connected");
        await _ns.State.EndingRuns.WaitAsync([containerId], cancellationToken).ConfigureAwait(false);
        var container = await _ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        await ClearStoppedAsync(containerId, await FindAsync(containerId, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);
        return container;
    }

    private static bool TerminalOf(CtrContainer container) => container.Spec?.Process?.Terminal ?? false;

    /// <summary>
    /// Like <see cref="TaskRecords.GetProcessAsync"/>, for a caller who ends the process: the advice for a missing task differs.
    /// </summary>
    private async Task<WireTypes.Process> GetProcessToEndAsync(string containerId, string? execId, CancellationToken cancellationToken)
    {
        try
        {
            return await _ns.TaskRecords.GetProcessAsync(containerId, execId, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrNotFoundException e) when (execId is null && e.ErrorId == "TaskNotFound")
        {
            throw TaskErrors.NothingToEnd(containerId);
        }
    }

    /// <summary>Whether a container's task is running, which includes a paused one.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Whether it is running; false without a task, and without a container.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<bool> IsRunningAsync(string containerId, CancellationToken cancellationToken = default) =>
        await FindAsync(containerId, cancellationToken).ConfigureAwait(false)
            is { Status: CtrStatus.Running or CtrStatus.Paused or CtrStatus.Pausing };

    private async Task<int> StopSignalAsync(string containerId, CancellationToken cancellationToken)
    {
        var container = await _ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        if (!container.Labels.TryGetValue(ContainerLabels.StopSignal, out var text))
            return CtrSignal.Term.Number;
        try
        {
            return CtrSignal.Parse(text).Number;
        }
        catch (CtrArgumentException)
        {
            // An image may contain any text; its containers can still be stopped.
            return CtrSignal.Term.Number;
        }
    }

    private Task DiscardAsync(string containerId, CancellationToken caller = default) =>
        UnfinishedWork.CleanUpAsync(RemoveLeftAsync(containerId), _ns.Connection, caller);

    /// <summary>Removes a task that was never started; its exit is not recorded.</summary>
    private async Task RemoveLeftAsync(string containerId)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(45));
        try
        {
            await RemoveAsync(containerId, force: true, remember: false, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            // The original error is the one that the caller needs.
        }
    }

    private static string Describe(CtrTask task) =>
        string.Create(CultureInfo.InvariantCulture, $"{task.Status.ToString().ToLowerInvariant()}, pid {task.Pid}");
}

using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Streams;
using Containerd.Client.Workloads.Tasks;
using Containerd.Host;
using Containerd.Host.Errors;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client;

/// <summary>The tasks of containers: they are created, started, watched, signalled, stopped and deleted here (tasks.v1).</summary>
public sealed class TaskService
{
    /// <summary>The time for which a listing of containers waits for their tasks.</summary>
    private static readonly TimeSpan ListingPatience = TimeSpan.FromSeconds(5);

    private readonly ImageScope _ns;
    private readonly Func<string, TaskStartOptions, CancellationToken, Task<CtrTask>> _startFromCheckpoint;
    private readonly OomKills _oom;
    private readonly TaskDetails _details;
    private readonly TaskPause _pause;
    private readonly TaskStop _stop;
    private readonly TaskRemoval _removal;
    private readonly TaskRestart _restart;
    private readonly TaskLauncher _launcher;
    private readonly TaskLimits _limits;
    private readonly TaskConnector _connector;
    private readonly AttachedStart _attachedStart;
    private readonly ProcessInput _input;

    internal TaskService(ImageScope ns, TaskLogs logs, Func<string, TaskStartOptions, CancellationToken, Task<CtrTask>> startFromCheckpoint)
    {
        _ns = ns;
        _startFromCheckpoint = startFromCheckpoint;
        _oom = new OomKills(ns);
        _details = new TaskDetails(ns);
        _pause = new TaskPause(ns);
        _stop = new TaskStop(ns, _oom);
        Shim = new LeftoverShim(ns);
        _removal = new TaskRemoval(ns, logs, _oom, _stop, Shim);
        var creator = new TaskCreator(ns, _oom, Shim, _removal);
        _launcher = new TaskLauncher(ns, logs, creator, _removal);
        _restart = new TaskRestart(ns, logs, _stop, _launcher);
        Runner = new TaskRunner(ns, logs, _launcher, creator, _removal, _oom);
        Attacher = new ProcessAttacher(ns, logs);
        _attachedStart = new AttachedStart(ns, this, _launcher, _removal, Attacher);
        _input = new ProcessInput(ns);
        _limits = new TaskLimits(ns);
        _connector = new TaskConnector(ns, logs);
    }

    /// <summary>Ends shims that have no task.</summary>
    internal LeftoverShim Shim { get; }

    /// <summary>Runs tasks with the caller's streams.</summary>
    internal TaskRunner Runner { get; }

    /// <summary>Attaches to processes.</summary>
    internal ProcessAttacher Attacher { get; }

    /// <summary>
    /// The tasks of this namespace, with the images and commands of their containers: <see cref="IndexAsync"/> and Containers.ListStream.
    /// </summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The tasks, by container id.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrTask>> ListAsync(CancellationToken cancellationToken = default)
    {
        var tasks = (await IndexAsync(cancellationToken).ConfigureAwait(false)).Tasks;
        await _details.AddContainersAsync(tasks, cancellationToken).ConfigureAwait(false);
        return tasks;
    }

    /// <summary>
    /// Lists the tasks of this namespace, with data about their starts and exits: Tasks.List, and one Tasks.Metrics for those that stopped
    /// with a code other than 0.
    /// </summary>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The tasks, by container id.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<TaskIndex> IndexAsync(CancellationToken cancellationToken = default)
    {
        var tasks = await _ns.TaskRecords.ListAsync(cancellationToken).ConfigureAwait(false);
        await _oom.FillAsync(tasks).ConfigureAwait(false);
        _details.AddStarts(tasks);
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
            return TaskIndex.Unknown;
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
        _details.AddStarts([task]);
        await _details.AddContainerAsync(task, cancellationToken).ConfigureAwait(false);
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
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A canceled call leaves no task behind.</param>
    /// <returns>The running task.</returns>
    /// <exception cref="CtrNotFoundException">There is no such container, or no such command in it (CommandNotFound).</exception>
    /// <exception cref="CtrConflictException">
    /// It runs already (TaskExists), or was created with streams of its own (TaskCreated).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrTask> StartAsync(string containerId, TaskStartOptions start, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        if (start.CheckpointPath is not null)
            return await _startFromCheckpoint(containerId, start, cancellationToken).ConfigureAwait(false);
        return await BackgroundWork.Track(StartAsync(), _ns.Connection, cancellationToken).ConfigureAwait(false);

        async Task<CtrTask> StartAsync()
        {
            await _launcher.StartAsync(containerId, start, cancellationToken).ConfigureAwait(false);
            return await GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Creates a container's task without starting it (Tasks.Create). A stopped task of an earlier start is deleted first.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="start">Its streams.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A canceled call leaves no task behind.</param>
    /// <returns>The task; the user's process has not started.</returns>
    /// <exception cref="CtrConflictException">The task already exists (TaskExists).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrTask> CreateAsync(string containerId, TaskStartOptions start, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        return await BackgroundWork.Track(CreateAsync(), _ns.Connection, cancellationToken).ConfigureAwait(false);

        async Task<CtrTask> CreateAsync()
        {
            await _launcher.CreateAsync(containerId, start, cancellationToken).ConfigureAwait(false);
            return await GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        }
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
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A canceled call leaves no task behind.</param>
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
        await Runner.StartAsync(containerId, new StreamUse(attach, withStdin), cancellationToken).ConfigureAwait(false);
        return await GetAsync(containerId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a container's task until it exits with its raw streams passed to the caller, and deletes it.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="attach">Receives the streams before the process starts.</param>
    /// <param name="withStdin">Whether it has standard input.</param>
    /// <param name="timeout">The time limit after which it is killed; null for none.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. Cancellation kills the process.</param>
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
        return await Runner.RunAsync(containerId, new StreamUse(attach, withStdin), timeout, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Starts a container's task and attaches the caller's streams to it. Its output is complete.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="start">The options.</param>
    /// <param name="io">The caller's streams.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. Cancellation detaches; the task continues.</param>
    /// <returns>The outcome of the task.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<AttachOutcome> StartAttachedAsync(
        string containerId,
        TaskStartOptions start,
        ProcessIo io,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(start);
        return await _attachedStart.StartAsync(containerId, start, io, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Starts a container's task, which has a terminal, and attaches this process's terminal to it. It has standard input.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="start">The options.</param>
    /// <param name="options">The attach options.</param>
    /// <param name="terminal">The terminal, which is restored at the end.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. Cancellation detaches; the task continues.</param>
    /// <returns>The outcome of the task; no exit if it keeps running.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<AttachOutcome> StartAttachedAsync(
        string containerId,
        TaskStartOptions start,
        AttachOptions options,
        LocalTerminal terminal,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(options);
        return await _attachedStart.StartAsync(containerId, start, options, terminal, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether a process that can be attached to has a terminal.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="execId">The id of an exec; null for the container's own process.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Whether it has one.</returns>
    /// <exception cref="CtrConflictException">
    /// The process has exited, or that of an exec has not started (TaskNotRunning, ExecNotRunning).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<bool> HasTerminalAsync(string containerId, string? execId = null, CancellationToken cancellationToken = default) =>
        (await _ns.Process(containerId, execId).GetLiveAsync(cancellationToken).ConfigureAwait(false)).Terminal;

    /// <summary>
    /// Attaches the caller's streams to a background process, whichever client started it, until it exits. Any number of clients can do so
    /// at the same time.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="options">The options.</param>
    /// <param name="io">The caller's streams; the end of its input is that of the process.</param>
    /// <param name="cancellationToken">
    /// The token to monitor for cancellation requests. Cancellation detaches; the process continues.
    /// </param>
    /// <returns>The outcome of the process.</returns>
    /// <exception cref="CtrConflictException">
    /// The process has exited, or that of an exec has not started (TaskNotRunning, ExecNotRunning).
    /// </exception>
    /// <exception cref="CtrNotSupportedException">Its output does not go to files of this machine (OutputNotKept).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<AttachOutcome> AttachAsync(
        string containerId,
        AttachOptions options,
        ProcessIo io,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(io);
        return await Attacher.AttachAsync(_ns.Process(containerId, options.ExecId), options, io, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Attaches this process's terminal to that of a background process, until it exits or the detach keys are typed.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="options">The options.</param>
    /// <param name="terminal">The terminal, which is restored at the end.</param>
    /// <param name="cancellationToken">
    /// The token to monitor for cancellation requests. Cancellation detaches; the process continues.
    /// </param>
    /// <returns>The outcome; no exit if the process keeps running.</returns>
    /// <exception cref="CtrConflictException">
    /// The process has exited, or that of an exec has not started (TaskNotRunning, ExecNotRunning).
    /// </exception>
    /// <exception cref="CtrNotSupportedException">Its output does not go to files of this machine (OutputNotKept).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<AttachOutcome> AttachAsync(
        string containerId,
        AttachOptions options,
        LocalTerminal terminal,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(terminal);
        return await Attacher
            .AttachAsync(_ns.Process(containerId, options.ExecId), options, terminal, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Finds the task that another client started in a container (libcontainerd's Restore): whether it is alive, its pid, its streams and
    /// its running execs. It holds no resources, so it can be called repeatedly.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The connection; not alive if there is no task, or its shim no longer exists.</returns>
    /// <exception cref="CtrNotFoundException">The container does not exist (ContainerNotFound).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrTaskConnection> ConnectAsync(string containerId, CancellationToken cancellationToken = default) =>
        await _connector.ConnectAsync(containerId, cancellationToken).ConfigureAwait(false);

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
        await _limits.UpdateAsync(containerId, change, cancellationToken).ConfigureAwait(false);
        return await GetAsync(containerId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until a process has exited (Tasks.Wait), across restarts of the daemon.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="execId">The id of an exec; null for the container's own process.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. The process continues after cancellation.</param>
    /// <returns>Its exit; without an exit code if the daemon lost it by a restart.</returns>
    /// <exception cref="CtrNotFoundException">There is no such container, task or exec.</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrExit> WaitAsync(string containerId, string? execId = null, CancellationToken cancellationToken = default)
    {
        var target = _ns.Process(containerId, execId);
        try
        {
            var process = await target.GetAsync(cancellationToken).ConfigureAwait(false);
            var kills = _oom.Before(containerId);
            using var watch = execId is null ? await _oom.WatchAsync(containerId, cancellationToken).ConfigureAwait(false) : null;
            var exit = await target.WaitAsync(cancellationToken).ConfigureAwait(false);
            exit.Pid = (int)process.Pid;
            exit.OomKilled = await (
                execId is null ? _oom.OfTaskAsync(containerId, exit.ExitCode, watch) : _oom.OfExecAsync(containerId, kills, exit.ExitCode)
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
        var target = _ns.Process(containerId, execId);
        var process = await target.GetToEndAsync(cancellationToken).ConfigureAwait(false);
        if (process.Status == WireTypes.Status.Stopped)
            throw ProcessErrors.NothingToSignal(target);
        await target.KillAsync(signal, all, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Stops a task: sends its stop signal, waits for the timeout, then kills all its processes. A paused task is resumed, because it
    /// cannot handle a signal before. The stopped task exists until it is removed.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="grace">The time limit for it to stop by itself; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <param name="signal">The number of the first signal; null for the container's own stop signal.</param>
    /// <param name="cancellationToken">
    /// The token to monitor for cancellation requests. Signals that are already sent are not taken back.
    /// </param>
    /// <returns>The outcome.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrExit> StopAsync(
        string containerId,
        TimeSpan grace,
        int? signal = null,
        CancellationToken cancellationToken = default
    ) => await _stop.StopAsync(containerId, grace, signal, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Stops the task of a container like <see cref="StopAsync"/>, and starts it again with the same streams: with or without a log, in the
    /// same format and file, with or without standard input. A container without a running task is started.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="grace">The time limit for it to stop by itself; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <param name="signal">The number of the first signal; null for the container's own stop signal.</param>
    /// <param name="cancellationToken">
    /// The token to monitor for cancellation requests. Once the task has got the signal, the restart continues after a cancellation.
    /// </param>
    /// <returns>The running task.</returns>
    /// <exception cref="CtrNotSupportedException">The streams cannot be created again (StreamsNotKnown); the task still runs.</exception>
    /// <exception cref="CtrConflictException">
    /// A terminal's log file is not empty (LogNotEmpty), or another client has started it meanwhile (TaskExists).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrTask> RestartAsync(
        string containerId,
        TimeSpan grace,
        int? signal = null,
        CancellationToken cancellationToken = default
    )
    {
        await _restart.RestartAsync(containerId, grace, signal, cancellationToken).ConfigureAwait(false);
        return await GetAsync(containerId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes a stopped task (Tasks.Delete) and stores its exit in the labels of the container.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="force">Whether a running task is killed first.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The exit of the task; without an exit code if it was never started, or the daemon does not know it.</returns>
    /// <exception cref="CtrConflictException">It still runs, and <paramref name="force"/> was not given (TaskRunning).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrExit> RemoveAsync(string containerId, bool force = false, CancellationToken cancellationToken = default) =>
        await _removal.RemoveAsync(containerId, force, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Sets the size of a process's terminal (Tasks.ResizePty). For an exec that has not started, it is set when it is started through this
    /// object.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="width">Columns, 1 to 65535.</param>
    /// <param name="height">Rows, 1 to 65535.</param>
    /// <param name="execId">The id of an exec; null for the container's own process.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrArgumentException">
    /// The process has no terminal (NoTerminal), which containerd itself does not report.
    /// </exception>
    /// <exception cref="CtrConflictException">The process has exited (TaskNotRunning, ExecNotRunning).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task ResizeAsync(
        string containerId,
        int width,
        int height,
        string? execId = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, ushort.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, ushort.MaxValue);
        var size = new CtrSpecBox { Width = (uint)width, Height = (uint)height };
        await TerminalSize.SetAsync(_ns, _ns.Process(containerId, execId), size, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Closes the standard input of a process (Tasks.CloseIO). On a terminal the end is sent as a key, because the shim would close the
    /// whole terminal with its input.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="execId">The id of an exec; null for the container's own process.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <exception cref="CtrArgumentException">The process has no standard input (NoStdin).</exception>
    /// <exception cref="CtrConflictException">
    /// The process has exited, or that of an exec has not started (TaskNotRunning, ExecNotRunning).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task CloseInputAsync(string containerId, string? execId = null, CancellationToken cancellationToken = default) =>
        await _input.CloseAsync(_ns.Process(containerId, execId), cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Writes to the standard input of a process through its named pipe, whichever client started it. The input stays open.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <param name="input">The data, in chunks.</param>
    /// <param name="execId">The id of an exec; null for the container's own process.</param>
    /// <param name="cancellationToken">
    /// The token to monitor for cancellation requests. Input that is already written is not taken back.
    /// </param>
    /// <exception cref="CtrArgumentException">The process has no standard input, or it is not accessible from here (NoStdin).</exception>
    /// <exception cref="CtrConflictException">
    /// Its input was closed (StdinClosed), it has exited, or that of an exec has not started.
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask))]
    public async Task WriteInputAsync(
        string containerId,
        IAsyncEnumerable<ReadOnlyMemory<byte>> input,
        string? execId = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(input);
        await _input.WriteAsync(_ns.Process(containerId, execId), input, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether a container's task is running, which includes a paused one.</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Whether it is running; false without a task, and without a container.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<bool> IsRunningAsync(string containerId, CancellationToken cancellationToken = default) =>
        await FindAsync(containerId, cancellationToken).ConfigureAwait(false)
            is { Status: CtrStatus.Running or CtrStatus.Paused or CtrStatus.Pausing };
}

using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Streams;
using Containerd.Client.Workloads.Tasks;
using Containerd.Host;
using Containerd.Host.Errors;
using Containerd.Host.Terminals;
using WireTasks = Containerd.Client.Wire.Tasks;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client;

/// <summary>Runs additional processes in running containers (Tasks.Exec).</summary>
public sealed class ExecService
{
    /// <summary>The time limit for clean-up after the caller has cancelled.</summary>
    private static readonly TimeSpan CleanupDeadline = TimeSpan.FromSeconds(45);

    private readonly ImageScope _ns;
    private readonly TaskLogs _logs;
    private readonly SpecService _specs;
    private readonly TaskService _tasks;
    private readonly TaskRpc _rpc;
    private readonly RunningExecs _running;
    private readonly OomKills _oom;

    internal ExecService(ImageScope ns, TaskLogs logs, SpecService specs, TaskService tasks)
    {
        _ns = ns;
        _logs = logs;
        _specs = specs;
        _tasks = tasks;
        _rpc = new TaskRpc(ns);
        _running = new RunningExecs(ns);
        _oom = new OomKills(ns);
    }

    /// <summary>Runs a process until it exits with the caller's streams, and deletes it.</summary>
    /// <param name="containerId">The container, whose task must be running.</param>
    /// <param name="start">The options.</param>
    /// <param name="io">The caller's streams.</param>
    /// <param name="cancellationToken">Gives up: the process is killed.</param>
    /// <returns>The outcome.</returns>
    /// <exception cref="CtrNotFoundException">
    /// The container, its task, the user or the command does not exist (CommandNotFound).
    /// </exception>
    /// <exception cref="CtrConflictException">
    /// The task is not running (TaskNotRunning), is paused (TaskPaused), or the exec id is in use (ExecExists).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<ProcessOutcome> RunAsync(
        string containerId,
        ExecStart start,
        ProcessIo io,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(io);
        return await LimitedAsync(containerId, start, (run, _, left, ct) => run.RunAsync(io, left, ct), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Runs a process until it exits with its raw streams passed to the caller, and deletes it.</summary>
    /// <param name="containerId">The container, whose task must be running.</param>
    /// <param name="start">The options.</param>
    /// <param name="attach">Receives the streams before the process starts.</param>
    /// <param name="cancellationToken">Gives up: the process is killed.</param>
    /// <returns>The outcome.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<ProcessOutcome> RunAsync(
        string containerId,
        ExecStart start,
        StdioCallback attach,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(attach);
        return await LimitedAsync(
                containerId,
                start,
                (run, terminal, left, ct) => run.RunAsync(attach, start.WithStdin, terminal, left, ct),
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>Runs a process until it exits in this process's terminal, and deletes it.</summary>
    /// <param name="containerId">The container, whose task must be running.</param>
    /// <param name="start">The options.</param>
    /// <param name="terminal">The terminal, which is restored at the end.</param>
    /// <param name="cancellationToken">Gives up: the process is killed.</param>
    /// <returns>The outcome.</returns>
    /// <exception cref="CtrException">The terminal was closed, and the process killed (TerminalClosed).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<ProcessOutcome> RunAsync(
        string containerId,
        ExecStart start,
        LocalTerminal terminal,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(terminal);
        var execId = start.ExecId ?? NewId();
        start.Options.Tty = true;
        start.Options.ConsoleSize = LocalTerminal.Box;
        var relay = new TerminalRelay(terminal, null, (width, height, ct) => _rpc.ResizeAsync(containerId, execId, width, height, ct));
        return await RunAsync(
                containerId,
                new ExecStart
                {
                    ExecId = execId,
                    Options = start.Options,
                    WithStdin = true,
                    Timeout = start.Timeout,
                },
                relay.RunAsync,
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Starts a background process and attaches this process's terminal to it, until it exits or the detach keys are typed. An exited
    /// process is deleted; a running one can be attached to again.
    /// </summary>
    /// <param name="containerId">The container, whose task must be running.</param>
    /// <param name="start">The options; the timeout does not apply.</param>
    /// <param name="terminal">The terminal, which is restored at the end.</param>
    /// <param name="keys">The detach keys.</param>
    /// <param name="cancellationToken">Gives up: the process is killed.</param>
    /// <returns>The process, and its outcome; no exit if it keeps running.</returns>
    /// <exception cref="CtrException">The terminal was closed, and the process killed (TerminalClosed).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<(CtrProcess Process, AttachOutcome Outcome)> StartAttachedAsync(
        string containerId,
        ExecStart start,
        LocalTerminal terminal,
        DetachKeys keys,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(terminal);
        start.Options.Tty = true;
        start.Options.ConsoleSize = LocalTerminal.Box;
        var created = await CreateAsync(
                containerId,
                new ExecStart
                {
                    ExecId = start.ExecId,
                    Options = start.Options,
                    WithStdin = true,
                },
                cancellationToken
            )
            .ConfigureAwait(false);
        var execId = created.ExecId;
        using var attachment = await OpenAsync().ConfigureAwait(false);
        var process = await StartMadeAsync(containerId, execId, created.Command).ConfigureAwait(false);
        AttachOutcome outcome;
        try
        {
            var options = new AttachOptions { ExecId = execId, DetachKeys = keys };
            outcome = await _tasks
                .RunAsync(containerId, options, attachment, terminal, default, redraw: false, cancellationToken)
                .ConfigureAwait(false);
        }
        catch
        {
            await ForgetAsync(containerId, execId).ConfigureAwait(false);
            throw;
        }

        if (outcome.Exit is not null)
            await ForgetAsync(containerId, execId).ConfigureAwait(false);
        return (process, outcome);

        async Task<Attachment> OpenAsync()
        {
            try
            {
                var places = await _rpc.GetAsync(containerId, execId, cancellationToken).ConfigureAwait(false);
                return Attachment.Open(
                    _logs,
                    $"The exec '{containerId}/{execId}'",
                    new StreamPlaces(places.Stdin, places.Stdout, places.Stderr, places.Terminal),
                    lines: 0
                );
            }
            catch
            {
                await ForgetAsync(containerId, execId).ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>
    /// Starts a process with its raw streams passed to the caller (libcontainerd's Exec). It runs in the background and is not deleted.
    /// </summary>
    /// <param name="containerId">The container, whose task must be running.</param>
    /// <param name="start">The options; the timeout does not apply.</param>
    /// <param name="attach">
    /// Receives the streams before the process starts, and owns them until they end; its output does not go elsewhere.
    /// </param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The running process.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrProcess> StartAsync(
        string containerId,
        ExecStart start,
        StdioCallback attach,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(attach);
        var named = new ExecStart
        {
            ExecId = start.ExecId ?? NewId(),
            Options = start.Options,
            WithStdin = start.WithStdin,
        };
        var pid = await RunAsync(
                containerId,
                named,
                (run, terminal) => run.StartAsync(attach, start.WithStdin, terminal, cancellationToken),
                cancellationToken
            )
            .ConfigureAwait(false);
        return Process(containerId, named.ExecId, pid, CtrStatus.Running, start.Options.Command);
    }

    /// <summary>
    /// Starts a background process; its output is stored with that of the container. It exists until it or its task is removed.
    /// </summary>
    /// <param name="containerId">The container, whose task must be running.</param>
    /// <param name="start">The options; the timeout does not apply.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The running process.</returns>
    /// <exception cref="CtrNotFoundException">
    /// The container, its task, the user or the command does not exist (CommandNotFound).
    /// </exception>
    /// <exception cref="CtrConflictException">
    /// The task is not running (TaskNotRunning), is paused (TaskPaused), or the exec id is in use (ExecExists).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrProcess> StartAsync(string containerId, ExecStart start, CancellationToken cancellationToken = default)
    {
        var created = await CreateAsync(containerId, start, cancellationToken).ConfigureAwait(false);
        return await StartMadeAsync(containerId, created.ExecId, created.Command).ConfigureAwait(false);
    }

    /// <summary>
    /// Creates a process in a running container without starting it (Tasks.Exec); its output will be stored with that of the container.
    /// </summary>
    /// <param name="containerId">The container, whose task must be running.</param>
    /// <param name="start">The options; the timeout does not apply.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The process, which has no pid yet.</returns>
    /// <exception cref="CtrConflictException">
    /// The task is not running (TaskNotRunning), is paused (TaskPaused), or the exec id is in use (ExecExists).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrProcess> CreateAsync(string containerId, ExecStart start, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        var process = await PrepareAsync(containerId, start, cancellationToken).ConfigureAwait(false);
        var execId = start.ExecId ?? NewId();
        var container = await _ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        // Before its files are created: they would replace those of an exec with the same id.
        await RequireFreeAsync(containerId, execId, cancellationToken).ConfigureAwait(false);
        using var log = _logs.PrepareExec(container, execId, start.WithStdin, process.Terminal);
        try
        {
            await CreateAsync(containerId, execId, process, log.StdinPath, log.StdoutPath, log.StderrPath, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (CtrException e) when (e.IsUnanswered())
        {
            // The daemon may still have created it, and its output goes there.
            log.Keep();
            throw;
        }
        catch (CtrException e)
        {
            throw RuntimeErrors.Explain(e, containerId, process.Args ?? []);
        }

        log.Keep();
        _ns.State.CreatedExecs[(containerId, execId)] = true;
        return Process(containerId, execId, 0, CtrStatus.Created, process.Args);
    }

    /// <summary>
    /// Starts a process that any client created without starting it (Tasks.Start). A process that cannot be started is deleted.
    /// </summary>
    /// <param name="containerId">The container, whose task must be running.</param>
    /// <param name="execId">The exec.</param>
    /// <param name="command">Its command line, which the daemon does not return; null if it is not known.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The running process.</returns>
    /// <exception cref="CtrNotFoundException">
    /// The exec (ExecNotFound) or the command in the container (CommandNotFound) does not exist.
    /// </exception>
    /// <exception cref="CtrConflictException">
    /// It was already started (ExecStarted), or the task is not running (TaskNotRunning, TaskPaused).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrProcess> StartCreatedAsync(
        string containerId,
        string execId,
        IReadOnlyList<string>? command = null,
        CancellationToken cancellationToken = default
    )
    {
        await RequireRunningTaskAsync(containerId, cancellationToken).ConfigureAwait(false);
        RequireCreated(containerId, await _rpc.GetAsync(containerId, execId, cancellationToken).ConfigureAwait(false), execId);
        return await StartMadeAsync(containerId, execId, command).ConfigureAwait(false);
    }

    /// <summary>Lists the running execs of a task: the daemon does not list others (Tasks.ListPids).</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The processes, by exec id; their command lines are not known.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrProcess>> ListRunningAsync(string containerId, CancellationToken cancellationToken = default) =>
        await _running.ListAsync(containerId, cancellationToken).ConfigureAwait(false);

    /// <summary>Deletes the exited process of an exec (Tasks.DeleteProcess).</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="execId">The exec.</param>
    /// <param name="force">Whether a running one is killed first.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>Its exit; without an exit code if it was never started.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrExit> RemoveAsync(
        string containerId,
        string execId,
        bool force = false,
        CancellationToken cancellationToken = default
    )
    {
        _ns.State.CreatedExecs.TryRemove((containerId, execId), out _);
        _ns.State.TerminalSizes.TryRemove((containerId, execId), out _);
        var process = await _rpc.GetAsync(containerId, execId, cancellationToken).ConfigureAwait(false);
        var status = TaskRecords.StatusOf(process.Status);
        if (status is not (CtrStatus.Stopped or CtrStatus.Created))
        {
            if (!force)
            {
                throw new CtrConflictException($"The exec '{containerId}/{execId}' is still running (pid {process.Pid}).")
                {
                    ErrorId = "ExecRunning",
                    Subject = execId,
                    Remedy = "Wait until it exits, or force its removal, which kills it.",
                };
            }

            await _rpc.KillAsync(containerId, execId, CtrSignal.Kill.Number, all: false, cancellationToken).ConfigureAwait(false);
            await _rpc.WaitAsync(containerId, execId, cancellationToken).ConfigureAwait(false);
        }

        var reply = await _rpc.DeleteAsync(containerId, execId, cancellationToken).ConfigureAwait(false);
        _logs.CloseInputs(process.Stdin);
        return _ns.Own(
            new CtrExit
            {
                ContainerId = containerId,
                ExecId = execId,
                Pid = (int)process.Pid,
                // A process that was never started has no exit time, and the code 0.
                ExitCode = reply.ExitedAt.Local() is null ? null : unchecked((int)reply.ExitStatus),
                ExitedAt = reply.ExitedAt.Local(),
            }
        );
    }

    private Task<ProcessOutcome> LimitedAsync(
        string containerId,
        ExecStart start,
        Func<ProcessRun, bool, TimeSpan?, CancellationToken, Task<ProcessOutcome>> work,
        CancellationToken cancellationToken
    )
    {
        var execId = start.ExecId ?? NewId();
        var named = new ExecStart
        {
            ExecId = execId,
            Options = start.Options,
            WithStdin = start.WithStdin,
        };
        var limit = new RunLimit(_ns, containerId, execId, start.Timeout);
        return _ns.State.EndingRuns.AwaitAsync(
            limit.AwaitAsync,
            ct => RunAsync(containerId, named, (run, terminal) => work(run, terminal, limit.Left, ct), ct, limit),
            [$"{containerId}/{execId}"],
            cancellationToken
        );
    }

    private async Task<T> RunAsync<T>(
        string containerId,
        ExecStart start,
        Func<ProcessRun, bool, Task<T>> work,
        CancellationToken cancellationToken,
        RunLimit? limit = null
    )
    {
        var process = await PrepareAsync(containerId, start, cancellationToken).ConfigureAwait(false);
        var execId = start.ExecId ?? NewId();
        var kills = _oom.Before(containerId);
        var run = new ProcessRun
        {
            Connection = _ns.Connection,
            Limit = limit,
            Create = (fifos, ct) => CreateAsync(containerId, execId, process, fifos.StdinPath, fifos.StdoutPath, fifos.StderrPath, ct),
            Start = ct => _rpc.StartAsync(containerId, execId, ct),
            CloseInput = ct => _rpc.CloseInputAsync(containerId, execId, ct),
            Wait = ct => _rpc.WaitAsync(containerId, execId, ct),
            Kill = ct => _rpc.KillAsync(containerId, execId, CtrSignal.Kill.Number, all: false, ct),
            Complete = async exit => exit.OomKilled = await _oom.OfExecAsync(containerId, kills, exit.ExitCode).ConfigureAwait(false),
            Delete = ct => _rpc.DeleteAsync(containerId, execId, ct),
        };
        try
        {
            return await work(run, process.Terminal).ConfigureAwait(false);
        }
        catch (CtrException e)
        {
            throw RuntimeErrors.Explain(e, containerId, process.Args ?? []);
        }
    }

    /// <summary>
    /// The execs of a container that were created through this object and neither started nor removed. The daemon does not list such execs.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <returns>Their ids.</returns>
    public IReadOnlyList<string> CreatedHere(string containerId) =>
        [.. _ns.State.CreatedExecs.Keys.Where(k => k.ContainerId == containerId).Select(k => k.ExecId).Order(StringComparer.Ordinal)];

    private async Task<CtrProcess> StartMadeAsync(string containerId, string execId, IReadOnlyList<string>? command)
    {
        _ns.State.CreatedExecs.TryRemove((containerId, execId), out _);
        try
        {
            // A start in progress cannot be cancelled.
            var pid = await _rpc.StartAsync(containerId, execId, CancellationToken.None).ConfigureAwait(false);
            if (_ns.State.TerminalSizes.TryRemove((containerId, execId), out var size))
                await ResizeStartedAsync(containerId, execId, size.Width, size.Height).ConfigureAwait(false);
            return Process(containerId, execId, pid, CtrStatus.Running, command);
        }
        catch (CtrException e) when (!e.IsUnanswered())
        {
            var now = await FindAsync(containerId, execId, CancellationToken.None).ConfigureAwait(false);
            // Another client may have been faster, and its process is running.
            if (now is { Pid: > 0 } || (now is not null && RuntimeErrors.IsAlreadyStarted(e)))
                RequireCreated(containerId, now, execId);
            await DiscardAsync(containerId, execId).ConfigureAwait(false);
            _logs.ForgetExec(await _ns.ContainerRecords.GetAsync(containerId, CancellationToken.None).ConfigureAwait(false), execId);
            throw RuntimeErrors.Explain(e, containerId, command ?? []);
        }
    }

    private async Task ResizeStartedAsync(string containerId, string execId, int width, int height)
    {
        try
        {
            await _rpc.ResizeAsync(containerId, execId, width, height, CancellationToken.None).ConfigureAwait(false);
        }
        catch (CtrException)
        {
            // A short process has already exited. It was started, which is sufficient.
        }
    }

    private static void RequireCreated(string containerId, WireTypes.Process process, string execId)
    {
        if (process.Status != WireTypes.Status.Created)
        {
            throw new CtrConflictException($"The exec '{containerId}/{execId}' has already been started.")
            {
                ErrorId = "ExecStarted",
                Subject = execId,
                Remedy = "An exec runs once: create another one.",
            };
        }
    }

    private CtrProcess Process(string containerId, string execId, int pid, CtrStatus status, IReadOnlyList<string>? command) =>
        _ns.Own(
            new CtrProcess
            {
                ContainerId = containerId,
                ExecId = execId,
                Pid = pid,
                Status = status,
                Command = [.. command ?? []],
            }
        );

    private async Task<WireTypes.Process?> FindAsync(string containerId, string execId, CancellationToken cancellationToken)
    {
        try
        {
            return await _rpc.GetAsync(containerId, execId, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrException)
        {
            return null;
        }
    }

    private static string NewId() => $"exec-{Guid.NewGuid():N}"[..17];

    private async Task<CtrSpecProcess> PrepareAsync(string containerId, ExecStart start, CancellationToken cancellationToken)
    {
        // Files and named pipes of this machine do not exist there.
        _ns.Connection.RequireHost("The streams of an exec can be connected");
        if (start.ExecId is not null)
        {
            ContainerdNames.Require(start.ExecId, "exec");
            await _ns.State.EndingRuns.WaitAsync([$"{containerId}/{start.ExecId}"], cancellationToken).ConfigureAwait(false);
        }

        var task = await RequireRunningTaskAsync(containerId, cancellationToken).ConfigureAwait(false);
        var container = await _ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        return await _specs.BuildExecAsync(container, task, start.Options, cancellationToken).ConfigureAwait(false);
    }

    private async Task<CtrTask> RequireRunningTaskAsync(string containerId, CancellationToken cancellationToken)
    {
        var task = await _ns.TaskRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        if (task.Status is CtrStatus.Stopped or CtrStatus.Created)
            throw TaskErrors.NotRunning(task);
        if (task.Status is CtrStatus.Paused or CtrStatus.Pausing)
            throw TaskErrors.Paused(task, already: false);
        return task;
    }

    /// <summary>Deletes an exec in any state, with its output, with a separate deadline.</summary>
    private async Task ForgetAsync(string containerId, string execId)
    {
        using var deadline = new CancellationTokenSource(CleanupDeadline);
        try
        {
            await RemoveAsync(containerId, execId, force: true, deadline.Token).ConfigureAwait(false);
            _logs.ForgetExec(await _ns.ContainerRecords.GetAsync(containerId, deadline.Token).ConfigureAwait(false), execId);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            // The whole task was removed, or its daemon is unavailable.
        }
    }

    private async Task RequireFreeAsync(string containerId, string execId, CancellationToken cancellationToken)
    {
        try
        {
            await _rpc.GetAsync(containerId, execId, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrNotFoundException)
        {
            return;
        }

        throw RpcErrors.Exists(Resource.Exec, $"{containerId}/{execId}");
    }

    private async Task CreateAsync(
        string containerId,
        string execId,
        CtrSpecProcess process,
        string stdin,
        string stdout,
        string stderr,
        CancellationToken cancellationToken
    )
    {
        var request = new WireTasks.ExecProcessRequest
        {
            ContainerId = containerId,
            ExecId = execId,
            Stdin = stdin,
            Stdout = stdout,
            Stderr = stderr,
            Terminal = process.Terminal,
            Spec = WireAny.Json(WireAny.Process, process.ToJson(indented: false)),
        };
        await UnfinishedWork
            .AnswerAsync(
                stop => _rpc.Stub.ExecAsync(request, cancellationToken: stop).About(Resource.Exec, $"{containerId}/{execId}"),
                _ => DeleteLeftAsync(containerId, execId),
                cancellationToken
            )
            .ConfigureAwait(false);
    }

    private Task DiscardAsync(string containerId, string execId, CancellationToken caller = default) =>
        UnfinishedWork.CleanUpAsync(DeleteLeftAsync(containerId, execId), _ns.Connection, caller);

    private async Task DeleteLeftAsync(string containerId, string execId)
    {
        try
        {
            // As in libcontainerd: a separate deadline, regardless of the caller's.
            using var deadline = new CancellationTokenSource(CleanupDeadline);
            await _rpc.DeleteAsync(containerId, execId, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            // The original error is the one that the caller needs.
        }
    }
}

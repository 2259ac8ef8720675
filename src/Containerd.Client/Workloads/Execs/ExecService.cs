using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Client.Workloads.Execs;
using Containerd.Client.Workloads.Streams;
using Containerd.Host;
using Containerd.Host.Errors;

namespace Containerd.Client;

/// <summary>Adds processes to running containers (Tasks.Exec).</summary>
public sealed class ExecService
{
    private readonly ImageScope _ns;
    private readonly TaskService _tasks;
    private readonly RunningExecs _running;
    private readonly ExecStarter _starter;
    private readonly ExecRunner _runner;

    internal ExecService(ImageScope ns, TaskLogs logs, SpecService specs, TaskService tasks)
    {
        _ns = ns;
        _tasks = tasks;
        _running = new RunningExecs(ns);
        var creator = new ExecCreator(ns, specs);
        _starter = new ExecStarter(ns, logs, creator);
        _runner = new ExecRunner(ns, creator);
    }

    /// <summary>Runs a process to its end with the caller's streams, and deletes it.</summary>
    /// <param name="containerId">The container, whose task runs.</param>
    /// <param name="start">What to run.</param>
    /// <param name="io">The caller's streams.</param>
    /// <param name="cancellationToken">Gives up: the process is killed.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="CtrNotFoundException">No such container or task, user, or command in it (CommandNotFound).</exception>
    /// <exception cref="CtrConflictException">
    /// The task does not run (TaskNotRunning), is paused (TaskPaused), or the exec id is taken (ExecExists).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<ProcessOutcome> RunAsync(
        string containerId,
        ExecStartOptions start,
        ProcessIo io,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(io);
        return await _runner.RunAsync(_runner.Named(containerId, start), start, StreamUse.Of(io), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a process to its end with its raw streams in the caller's hands, and deletes it.</summary>
    /// <param name="containerId">The container, whose task runs.</param>
    /// <param name="start">What to run.</param>
    /// <param name="attach">Gets the streams before the process starts.</param>
    /// <param name="cancellationToken">Gives up: the process is killed.</param>
    /// <returns>How it ended.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<ProcessOutcome> RunAsync(
        string containerId,
        ExecStartOptions start,
        StdioCallback attach,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(attach);
        var use = new StreamUse(attach, start.WithStdin);
        return await _runner.RunAsync(_runner.Named(containerId, start), start, use, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a process to its end in this process's terminal, and deletes it.</summary>
    /// <param name="containerId">The container, whose task runs.</param>
    /// <param name="start">What to run.</param>
    /// <param name="terminal">The terminal, which is given back when it ends.</param>
    /// <param name="cancellationToken">Gives up: the process is killed.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="CtrException">The terminal was taken away, and the process killed (TerminalClosed).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<ProcessOutcome> RunAsync(
        string containerId,
        ExecStartOptions start,
        LocalTerminal terminal,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(terminal);
        var exec = _runner.Named(containerId, start);
        var use = StreamUse.Of(terminal, exec);
        return await _runner.RunAsync(exec, start.OnTerminal(LocalTerminal.Box), use, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Starts a process that goes on by itself and joins this process's terminal to it, until it ends or the detach keys are typed. One
    /// that has ended is deleted;
    /// one that goes on can be attached to again.
    /// </summary>
    /// <param name="containerId">The container, whose task runs.</param>
    /// <param name="start">What to run; its timeout does not apply.</param>
    /// <param name="terminal">The terminal, which is given back when it ends.</param>
    /// <param name="keys">The detach keys.</param>
    /// <param name="cancellationToken">Gives up: the process is killed.</param>
    /// <returns>The process, and how it ended; no exit where it goes on.</returns>
    /// <exception cref="CtrException">The terminal was taken away, and the process killed (TerminalClosed).</exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    internal async Task<(CtrProcess Process, AttachOutcome Outcome)> StartAttachedAsync(
        string containerId,
        ExecStartOptions start,
        LocalTerminal terminal,
        DetachKeys keys,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(terminal);
        var created = await _starter.CreateAsync(containerId, start.OnTerminal(LocalTerminal.Box), cancellationToken).ConfigureAwait(false);
        var exec = _ns.Exec(containerId, created.ExecId);
        using var attachment = await OpenAsync().ConfigureAwait(false);
        var process = await _starter.StartAsync(exec, created.Command).ConfigureAwait(false);
        AttachOutcome outcome;
        try
        {
            outcome = await ProcessAttacher.RunAsync(attachment, terminal, keys, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await _starter.ForgetAsync(exec).ConfigureAwait(false);
            throw;
        }

        if (outcome.Exit is not null)
            await _starter.ForgetAsync(exec).ConfigureAwait(false);
        return (process, outcome);

        async Task<Attachment> OpenAsync()
        {
            try
            {
                var state = await exec.GetAsync(cancellationToken).ConfigureAwait(false);
                return _tasks.Attacher.Open(exec, StreamPaths.Of(state), lines: 0);
            }
            catch
            {
                await _starter.ForgetAsync(exec).ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>
    /// Starts a process with its raw streams in the caller's hands (libcontainerd's Exec). It goes on by itself and is not deleted.
    /// </summary>
    /// <param name="containerId">The container, whose task runs.</param>
    /// <param name="start">What to run; its timeout does not apply.</param>
    /// <param name="attach">
    /// Gets the streams before the process starts, and has them until they end; what it writes goes nowhere else.
    /// </param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The running process.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrProcess> StartAsync(
        string containerId,
        ExecStartOptions start,
        StdioCallback attach,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(attach);
        var exec = _runner.Named(containerId, start);
        var use = new StreamUse(attach, start.WithStdin);
        var pid = await _runner.StartAsync(exec, start, use, cancellationToken).ConfigureAwait(false);
        return _starter.ToModel(exec, pid, CtrStatus.Running, start.Options.Command);
    }

    /// <summary>
    /// Starts a process and leaves it to itself; its output is kept with the container's. It is there until it is removed, or its task is.
    /// </summary>
    /// <param name="containerId">The container, whose task runs.</param>
    /// <param name="start">What to run; its timeout does not apply.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The running process.</returns>
    /// <exception cref="CtrNotFoundException">No such container or task, user, or command in it (CommandNotFound).</exception>
    /// <exception cref="CtrConflictException">
    /// The task does not run (TaskNotRunning), is paused (TaskPaused), or the exec id is taken (ExecExists).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrProcess> StartAsync(string containerId, ExecStartOptions start, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        var created = await _starter.CreateAsync(containerId, start, cancellationToken).ConfigureAwait(false);
        return await _starter.StartAsync(_ns.Exec(containerId, created.ExecId), created.Command).ConfigureAwait(false);
    }

    /// <summary>
    /// Adds a process to a running container and does not start it (Tasks.Exec); its output will be kept with the container's.
    /// </summary>
    /// <param name="containerId">The container, whose task runs.</param>
    /// <param name="start">What to run; its timeout does not apply.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The process, which has no pid yet.</returns>
    /// <exception cref="CtrConflictException">
    /// The task does not run (TaskNotRunning), is paused (TaskPaused), or the exec id is taken (ExecExists).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrProcess> CreateAsync(string containerId, ExecStartOptions start, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        return await _starter.CreateAsync(containerId, start, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Starts a process that was added and not started, by whomever (Tasks.Start). One that cannot be started is deleted.
    /// </summary>
    /// <param name="containerId">The container, whose task runs.</param>
    /// <param name="execId">The exec.</param>
    /// <param name="command">Its command line, which the daemon does not tell; null when it is not known.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The running process.</returns>
    /// <exception cref="CtrNotFoundException">
    /// No such exec (ExecNotFound), or no such command in the container (CommandNotFound).
    /// </exception>
    /// <exception cref="CtrConflictException">
    /// It was started before (ExecStarted), or the task does not run (TaskNotRunning, TaskPaused).
    /// </exception>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrProcess> StartCreatedAsync(
        string containerId,
        string execId,
        IReadOnlyList<string>? command = null,
        CancellationToken cancellationToken = default
    ) => await _starter.StartCreatedAsync(_ns.Exec(containerId, execId), command, cancellationToken).ConfigureAwait(false);

    /// <summary>The execs of a task that run: others the daemon does not list (Tasks.ListPids).</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The processes, by exec id; their command lines are not known.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<IReadOnlyList<CtrProcess>> ListRunningAsync(string containerId, CancellationToken cancellationToken = default) =>
        await _running.ListAsync(containerId, cancellationToken).ConfigureAwait(false);

    /// <summary>Deletes an exec's process that has ended (Tasks.DeleteProcess).</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="execId">The exec.</param>
    /// <param name="force">Whether a running one is killed first.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>How it ended; without an exit code where it was never started.</returns>
    [AsyncMethodBuilder(typeof(GuardedTask<>))]
    public async Task<CtrExit> RemoveAsync(
        string containerId,
        string execId,
        bool force = false,
        CancellationToken cancellationToken = default
    ) => await _starter.RemoveAsync(_ns.Exec(containerId, execId), force, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// The execs of a container that were made through this object and neither started nor removed. The daemon lists no such execs.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <returns>Their ids.</returns>
    public IReadOnlyList<string> CreatedHere(string containerId) =>
        [.. _ns.State.CreatedExecs.Values.Where(e => e.ContainerId == containerId).Select(e => e.Id).Order(StringComparer.Ordinal)];
}

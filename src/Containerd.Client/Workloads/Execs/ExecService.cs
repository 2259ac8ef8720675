using Containerd.Client.Images;
using Containerd.Client.Records;
using Containerd.Client.Workloads.Execs;
using Containerd.Client.Workloads.Streams;
using Containerd.Host;
using Containerd.Host.Errors;

namespace Containerd.Client;

/// <summary>Runs additional processes in running containers (Tasks.Exec).</summary>
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

    /// <summary>Runs a process until it exits with the caller's streams, and deletes it.</summary>
    /// <param name="containerId">The container, whose task must be running.</param>
    /// <param name="start">The options.</param>
    /// <param name="io">The caller's streams.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. Cancellation kills the process.</param>
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
        ExecStartOptions start,
        ProcessIo io,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(io);
        return await _runner.RunAsync(_runner.Named(containerId, start), start, StreamUse.Of(io), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a process until it exits with its raw streams passed to the caller, and deletes it.</summary>
    /// <param name="containerId">The container, whose task must be running.</param>
    /// <param name="start">The options.</param>
    /// <param name="attach">Receives the streams before the process starts.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. Cancellation kills the process.</param>
    /// <returns>The outcome.</returns>
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

    /// <summary>Runs a process until it exits in this process's terminal, and deletes it.</summary>
    /// <param name="containerId">The container, whose task must be running.</param>
    /// <param name="start">The options.</param>
    /// <param name="terminal">The terminal, which is restored at the end.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. Cancellation kills the process.</param>
    /// <returns>The outcome.</returns>
    /// <exception cref="CtrException">The terminal was closed, and the process killed (TerminalClosed).</exception>
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
    /// Starts a background process and attaches this process's terminal to it, until it exits or the detach keys are typed. An exited
    /// process is deleted; a running one can be attached to again.
    /// </summary>
    /// <param name="containerId">The container, whose task must be running.</param>
    /// <param name="start">The options; the timeout does not apply.</param>
    /// <param name="terminal">The terminal, which is restored at the end.</param>
    /// <param name="keys">The detach keys.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. Cancellation kills the process.</param>
    /// <returns>The process, and its outcome; no exit if it keeps running.</returns>
    /// <exception cref="CtrException">The terminal was closed, and the process killed (TerminalClosed).</exception>
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
    public async Task<CtrProcess> StartAsync(string containerId, ExecStartOptions start, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        var created = await _starter.CreateAsync(containerId, start, cancellationToken).ConfigureAwait(false);
        return await _starter.StartAsync(_ns.Exec(containerId, created.ExecId), created.Command).ConfigureAwait(false);
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
    public async Task<CtrProcess> CreateAsync(string containerId, ExecStartOptions start, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        return await _starter.CreateAsync(containerId, start, cancellationToken).ConfigureAwait(false);
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
    ) => await _starter.StartCreatedAsync(_ns.Exec(containerId, execId), command, cancellationToken).ConfigureAwait(false);

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
    ) => await _starter.RemoveAsync(_ns.Exec(containerId, execId), force, cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// The execs of a container that were created through this object and neither started nor removed. The daemon does not list such execs.
    /// </summary>
    /// <param name="containerId">The container.</param>
    /// <returns>Their ids.</returns>
    public IReadOnlyList<string> CreatedHere(string containerId) =>
        [.. _ns.State.CreatedExecs.Values.Where(e => e.ContainerId == containerId).Select(e => e.Id).Order(StringComparer.Ordinal)];
}

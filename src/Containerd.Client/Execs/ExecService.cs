using WireTasks = Containerd.Client.Wire.Tasks;

namespace Containerd.Client;

/// <summary>Adds processes to running containers (Tasks.Exec).</summary>
public sealed class ExecService
{
    private readonly NamespaceClient _ns;
    private readonly TaskRpc _rpc;

    internal ExecService(NamespaceClient ns)
    {
        _ns = ns;
        _rpc = new TaskRpc(ns);
    }

    /// <summary>Runs a process to its end with the caller's streams, and deletes it.</summary>
    /// <param name="containerId">The container, whose task runs.</param>
    /// <param name="start">What to run.</param>
    /// <param name="io">The caller's streams.</param>
    /// <param name="cancellation">Gives up: the process is killed.</param>
    /// <returns>How it ended.</returns>
    /// <exception cref="CtrNotFoundException">No such container or task, user, or command in it (CommandNotFound).</exception>
    /// <exception cref="CtrConflictException">The task does not run (TaskNotRunning), is paused (TaskPaused), or the exec id is taken (ExecExists).</exception>
    public async Task<ProcessOutcome> RunAsync(string containerId, ExecStart start, ProcessIo io, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(io);
        var process = await PrepareAsync(containerId, start, cancellation).ConfigureAwait(false);
        var execId = start.ExecId ?? NewId();
        var run = new ProcessRun
        {
            Create = (fifos, ct) => CreateAsync(containerId, execId, process, fifos.StdinPath, fifos.StdoutPath, fifos.StderrPath, ct),
            Start = ct => _rpc.StartAsync(containerId, execId, ct),
            CloseInput = ct => _rpc.CloseInputAsync(containerId, execId, ct),
            Wait = ct => _rpc.WaitAsync(containerId, execId, ct),
            Kill = ct => _rpc.KillAsync(containerId, execId, CtrSignal.Kill.Number, all: false, ct),
            Delete = ct => _rpc.DeleteAsync(containerId, execId, ct),
        };
        try
        {
            return await run.RunAsync(io, start.Timeout, cancellation).ConfigureAwait(false);
        }
        catch (CtrException e)
        {
            throw RuntimeErrors.Explain(e, containerId, process.Args ?? []);
        }
    }

    /// <summary>Starts a process and leaves it to itself; its output is kept with the container's. It is deleted when it has ended.</summary>
    /// <param name="containerId">The container, whose task runs.</param>
    /// <param name="start">What to run; its timeout does not apply.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>The running process.</returns>
    /// <exception cref="CtrNotFoundException">No such container or task, user, or command in it (CommandNotFound).</exception>
    /// <exception cref="CtrConflictException">The task does not run (TaskNotRunning), is paused (TaskPaused), or the exec id is taken (ExecExists).</exception>
    public async Task<CtrProcess> StartAsync(string containerId, ExecStart start, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(start);
        var process = await PrepareAsync(containerId, start, cancellation).ConfigureAwait(false);
        var execId = start.ExecId ?? NewId();
        var container = await _ns.Containers.GetAsync(containerId, cancellation).ConfigureAwait(false);
        // Before its files are made: they would take the place of the namesake's.
        await RequireFreeAsync(containerId, execId, cancellation).ConfigureAwait(false);
        using var log = _ns.Logs.PrepareExec(container, execId, process.Terminal);
        var created = false;
        try
        {
            await CreateAsync(containerId, execId, process, "", log.StdoutPath, log.StderrPath, cancellation).ConfigureAwait(false);
            created = true;
            var pid = await _rpc.StartAsync(containerId, execId, CancellationToken.None).ConfigureAwait(false);
            log.Keep();
            return _ns.Own(new CtrProcess { ContainerId = containerId, ExecId = execId, Pid = pid, Status = CtrStatus.Running, Command = process.Args ?? [] });
        }
        catch (CtrException e)
        {
            if (created)
                await DiscardAsync(containerId, execId).ConfigureAwait(false);
            throw RuntimeErrors.Explain(e, containerId, process.Args ?? []);
        }
    }

    /// <summary>Deletes an exec's process that has ended (Tasks.DeleteProcess).</summary>
    /// <param name="containerId">The container.</param>
    /// <param name="execId">The exec.</param>
    /// <param name="force">Whether a running one is killed first.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>How it ended.</returns>
    public async Task<CtrExit> RemoveAsync(string containerId, string execId, bool force = false, CancellationToken cancellation = default)
    {
        var process = await _rpc.GetAsync(containerId, execId, cancellation).ConfigureAwait(false);
        var status = TaskService.StatusOf(process.Status);
        if (status is not (CtrStatus.Stopped or CtrStatus.Created))
        {
            if (!force)
            {
                throw new CtrConflictException($"The exec '{containerId}/{execId}' has not ended (pid {process.Pid}).")
                {
                    ErrorId = "ExecRunning",
                    Subject = execId,
                    Remedy = "Wait for it with Wait-CtrTask, or kill and remove it at once with -Force.",
                };
            }

            await _rpc.KillAsync(containerId, execId, CtrSignal.Kill.Number, all: false, cancellation).ConfigureAwait(false);
            await _rpc.WaitAsync(containerId, execId, cancellation).ConfigureAwait(false);
        }

        var reply = await _rpc.DeleteAsync(containerId, execId, cancellation).ConfigureAwait(false);
        return _ns.Own(new CtrExit
        {
            ContainerId = containerId,
            ExecId = execId,
            Pid = (int)process.Pid,
            ExitCode = unchecked((int)reply.ExitStatus),
            ExitedAt = reply.ExitedAt.Local(),
        });
    }

    private static string NewId() => $"exec-{Guid.NewGuid():N}"[..17];

    private async Task<CtrSpecProcess> PrepareAsync(string containerId, ExecStart start, CancellationToken cancellation)
    {
        if (start.ExecId is not null)
            ContainerdNames.Require(start.ExecId, "exec");
        var task = await _ns.Tasks.GetAsync(containerId, cancellation).ConfigureAwait(false);
        if (task.Status is CtrStatus.Stopped or CtrStatus.Created)
        {
            throw new CtrConflictException($"Container '{containerId}' is not running: its task is {task.Status.ToString().ToLowerInvariant()}.")
            {
                ErrorId = "TaskNotRunning",
                Subject = containerId,
                Remedy = $"Start it with Start-CtrTask {containerId}.",
            };
        }

        if (task.Status is CtrStatus.Paused or CtrStatus.Pausing)
        {
            throw new CtrConflictException($"Container '{containerId}' is paused.")
            {
                ErrorId = "TaskPaused",
                Subject = containerId,
                Remedy = $"Resume it with Resume-CtrTask {containerId}.",
            };
        }

        var container = await _ns.Containers.GetAsync(containerId, cancellation).ConfigureAwait(false);
        return await _ns.Specs.BuildExecAsync(container, task, start.Options, cancellation).ConfigureAwait(false);
    }

    private async Task RequireFreeAsync(string containerId, string execId, CancellationToken cancellation)
    {
        try
        {
            await _rpc.GetAsync(containerId, execId, cancellation).ConfigureAwait(false);
        }
        catch (CtrNotFoundException)
        {
            return;
        }

        throw RpcErrors.Exists(Resource.Exec, $"{containerId}/{execId}");
    }

    private async Task CreateAsync(string containerId, string execId, CtrSpecProcess process, string stdin, string stdout, string stderr, CancellationToken cancellation)
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
        await _rpc.Stub.ExecAsync(request, cancellationToken: cancellation).About(Resource.Exec, $"{containerId}/{execId}").ConfigureAwait(false);
    }

    private async Task DiscardAsync(string containerId, string execId)
    {
        try
        {
            // As libcontainerd does: a deadline of its own, whatever the caller's was.
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(45));
            await _rpc.DeleteAsync(containerId, execId, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is CtrException or OperationCanceledException)
        {
            // The error that led here is the one that the caller needs.
        }
    }
}

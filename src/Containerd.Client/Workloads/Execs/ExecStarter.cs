using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Tasks;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client.Workloads.Execs;

/// <summary>Creates, starts and deletes execs that run by themselves, with files for their output.</summary>
internal sealed class ExecStarter(RecordScope ns, TaskLogs logs, ExecCreator creator)
{
    /// <summary>Adds a process with files for its output and does not start it.</summary>
    internal async Task<CtrProcess> CreateAsync(string containerId, ExecStartOptions start, CancellationToken cancellationToken)
    {
        var process = await creator.PrepareAsync(containerId, start, cancellationToken).ConfigureAwait(false);
        var exec = ns.Exec(containerId, start.ExecId ?? ExecCreator.NewId());
        var container = await ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
        // Before its files are created: they would replace those of an exec with the same id.
        await ExecCreator.RequireFreeAsync(exec, cancellationToken).ConfigureAwait(false);
        using var log = logs.Preparation.PrepareExec(container, exec.Id, start.WithStdin, process.Terminal);
        try
        {
            await creator
                .CreateAsync(exec, process, new(log.StdinPath, log.StdoutPath, log.StderrPath, process.Terminal), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (CtrException e) when (e.IsUnanswered())
        {
            // The daemon may have created it all the same, and what it writes goes there.
            log.Keep();
            throw;
        }
        catch (CtrException e)
        {
            throw RuntimeErrors.Explain(e, containerId, process.Args ?? []);
        }

        log.Keep();
        ns.State.CreatedExecs[exec.Name] = exec;
        return ToModel(exec, 0, CtrStatus.Created, process.Args);
    }

    /// <summary>Starts an exec that was created (Tasks.Start). A process that cannot be started is deleted.</summary>
    internal async Task<CtrProcess> StartAsync(ExecProcess exec, IReadOnlyList<string>? command)
    {
        ns.State.CreatedExecs.TryRemove(exec.Name, out _);
        try
        {
            // A start that is under way cannot be undone.
            var pid = await exec.StartAsync(CancellationToken.None).ConfigureAwait(false);
            if (ns.State.TerminalSizes.TryRemove(exec.Name, out var size))
                await TryResizeAsync(exec, size).ConfigureAwait(false);
            return ToModel(exec, pid, CtrStatus.Running, command);
        }
        catch (CtrException e) when (!e.IsUnanswered())
        {
            var now = await exec.FindAsync(CancellationToken.None).ConfigureAwait(false);
            // Another client may have been faster, and its process runs.
            if (now is { Pid: > 0 } || (now is not null && RuntimeErrors.IsAlreadyStarted(e)))
                RequireCreated(exec, now);
            await creator.DiscardAsync(exec).ConfigureAwait(false);
            await ForgetOutputAsync(exec, CancellationToken.None).ConfigureAwait(false);
            throw RuntimeErrors.Explain(e, exec.ContainerId, command ?? []);
        }
    }

    /// <summary>Starts an exec that any client has created and that was not started.</summary>
    internal async Task<CtrProcess> StartCreatedAsync(ExecProcess exec, IReadOnlyList<string>? command, CancellationToken cancellationToken)
    {
        await creator.RequireRunningTaskAsync(exec.ContainerId, cancellationToken).ConfigureAwait(false);
        RequireCreated(exec, await exec.GetAsync(cancellationToken).ConfigureAwait(false));
        return await StartAsync(exec, command).ConfigureAwait(false);
    }

    /// <summary>Deletes the exited process of an exec (Tasks.DeleteProcess).</summary>
    /// <param name="exec">The exec.</param>
    /// <param name="force">Whether a running one is killed first.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal async Task<CtrExit> RemoveAsync(ExecProcess exec, bool force, CancellationToken cancellationToken)
    {
        ns.State.CreatedExecs.TryRemove(exec.Name, out _);
        ns.State.TerminalSizes.TryRemove(exec.Name, out _);
        var process = await exec.GetAsync(cancellationToken).ConfigureAwait(false);
        if (TaskRecords.StatusOf(process.Status) is not (CtrStatus.Stopped or CtrStatus.Created))
        {
            if (!force)
                throw ProcessErrors.ExecRunning(exec, process.Pid);
            await exec.KillAsync(cancellationToken).ConfigureAwait(false);
            await exec.WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        var reply = await exec.DeleteAsync(cancellationToken).ConfigureAwait(false);
        logs.Removal.CloseInputs(process.Stdin);
        return ns.Stamp(
            new CtrExit
            {
                ContainerId = exec.ContainerId,
                ExecId = exec.ExecId,
                Pid = (int)process.Pid,
                // A process that was never started has no exit time, and the code 0.
                ExitCode = reply.ExitedAt.Local() is null ? null : unchecked((int)reply.ExitStatus),
                ExitedAt = reply.ExitedAt.Local(),
            }
        );
    }

    /// <summary>Deletes an exec and its output, whatever state it is in, under a deadline of its own.</summary>
    internal Task ForgetAsync(ExecProcess exec) =>
        // It may fail: the whole task was removed, or its daemon is away.
        BackgroundWork.TryCleanUpAsync(async deadline =>
        {
            await RemoveAsync(exec, force: true, deadline).ConfigureAwait(false);
            await ForgetOutputAsync(exec, deadline).ConfigureAwait(false);
        });

    /// <summary>The exec as an object of this session.</summary>
    internal CtrProcess ToModel(ExecProcess exec, int pid, CtrStatus status, IReadOnlyList<string>? command) =>
        ns.Stamp(
            new CtrProcess
            {
                ContainerId = exec.ContainerId,
                ExecId = exec.Id,
                Pid = pid,
                Status = status,
                Command = [.. command ?? []],
            }
        );

    private static void RequireCreated(ExecProcess exec, WireTypes.Process state)
    {
        if (state.Status != WireTypes.Status.Created)
            throw ProcessErrors.ExecStarted(exec);
    }

    private static async Task TryResizeAsync(ExecProcess exec, CtrSpecBox size)
    {
        try
        {
            await exec.ResizeAsync(size, CancellationToken.None).ConfigureAwait(false);
        }
        catch (CtrException)
        {
            // A short process has already exited. It was started, which is sufficient.
        }
    }

    private async Task ForgetOutputAsync(ExecProcess exec, CancellationToken cancellationToken) =>
        logs.Removal.ForgetExec(await ns.ContainerRecords.GetAsync(exec.ContainerId, cancellationToken).ConfigureAwait(false), exec.Id);
}

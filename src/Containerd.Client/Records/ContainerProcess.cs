using System.Diagnostics;
using Containerd.Client.Transport;
using Grpc.Core;
using WireTasks = Containerd.Client.Wire.Tasks;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client.Records;

/// <summary>
/// One process that containerd knows by name: a container's <see cref="InitProcess"/> or an <see cref="ExecProcess"/>. It carries both ids,
/// so that nothing else has to pass them on, and has the calls of the Tasks service that are about a single process.
/// </summary>
internal abstract class ContainerProcess
{
    /// <summary>How long a wait tolerates an unavailable daemon.</summary>
    private static readonly TimeSpan RestartPatience = TimeSpan.FromMinutes(1);

    /// <summary>The time limit for the daemon to clean up after a dead shim.</summary>
    private static readonly TimeSpan ShimLossPatience = TimeSpan.FromSeconds(2);

    private protected ContainerProcess(RecordScope ns, string containerId) => (Scope, ContainerId) = (ns, containerId);

    /// <summary>The container.</summary>
    internal string ContainerId { get; }

    /// <summary>The exec's id; null for the container's own process.</summary>
    internal abstract string? ExecId { get; }

    /// <summary>The name of the process in error messages and as a key: "web" or "web/exec-1".</summary>
    internal abstract string Name { get; }

    /// <summary>The process, to begin a sentence.</summary>
    internal abstract string Subject { get; }

    private protected RecordScope Scope { get; }

    private protected WireTasks.Tasks.TasksClient Stub => new(Scope.Calls());

    private protected abstract Resource Kind { get; }

    /// <summary>The exec id as the Tasks service has it: empty for the container's own process.</summary>
    private protected string WireExecId => ExecId ?? "";

    /// <summary>The process as it is now (Tasks.Get).</summary>
    internal async Task<WireTypes.Process> GetAsync(CancellationToken cancellationToken)
    {
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return (
                    await Stub.GetAsync(new() { ContainerId = ContainerId, ExecId = WireExecId }, cancellationToken: cancellationToken)
                        .TranslateErrors(Kind, Name)
                        .ConfigureAwait(false)
                ).Process;
            }
            catch (CtrRuntimeException e) when (e.IsShimLoss())
            {
                // The daemon reports in a moment that it is gone; until then its state is unknown.
                if (waiting.Elapsed > ShimLossPatience)
                    return new WireTypes.Process { ContainerId = ContainerId, Id = ExecId ?? ContainerId };
                await Task.Delay(50, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The process as it is now, with an error that also distinguishes a missing container from a missing task.</summary>
    /// <exception cref="CtrNotFoundException">ContainerNotFound, TaskNotFound, ExecNotFound.</exception>
    internal virtual Task<WireTypes.Process> GetExistingAsync(CancellationToken cancellationToken) => GetAsync(cancellationToken);

    /// <summary>The process as it is now, to signal or remove it: the remedy for a missing task is not to start one.</summary>
    internal virtual Task<WireTypes.Process> GetToEndAsync(CancellationToken cancellationToken) => GetExistingAsync(cancellationToken);

    /// <summary>The process as it is now; it must be running, or be a task that was created.</summary>
    /// <exception cref="CtrConflictException">TaskNotRunning, ExecNotRunning.</exception>
    internal async Task<WireTypes.Process> GetLiveAsync(CancellationToken cancellationToken)
    {
        var process = await GetExistingAsync(cancellationToken).ConfigureAwait(false);
        RequireLive(process);
        return process;
    }

    /// <summary>Requires that a state of this process is one in which it has streams.</summary>
    internal void RequireLive(WireTypes.Process state)
    {
        if (state.Status == WireTypes.Status.Stopped || (ExecId is not null && state.Status == WireTypes.Status.Created))
            throw ProcessErrors.NotLive(this, ended: state.Status == WireTypes.Status.Stopped);
    }

    /// <summary>Starts it (Tasks.Start).</summary>
    /// <returns>Its process id.</returns>
    internal async Task<int> StartAsync(CancellationToken cancellationToken) =>
        (int)
            (
                await Stub.StartAsync(new() { ContainerId = ContainerId, ExecId = WireExecId }, cancellationToken: cancellationToken)
                    .TranslateErrors(Kind, Name)
                    .ConfigureAwait(false)
            ).Pid;

    /// <summary>Sends it a signal (Tasks.Kill).</summary>
    /// <param name="signal">The number of the signal.</param>
    /// <param name="all">Whether it is sent to every process of the container.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal async Task KillAsync(int signal, bool all, CancellationToken cancellationToken)
    {
        try
        {
            await Stub.KillAsync(
                    new()
                    {
                        ContainerId = ContainerId,
                        ExecId = WireExecId,
                        Signal = (uint)signal,
                        All = all,
                    },
                    cancellationToken: cancellationToken
                )
                .TranslateErrors(Kind, Name)
                .ConfigureAwait(false);
        }
        catch (CtrRuntimeException e)
            when (e.Message.Contains("process already finished", StringComparison.Ordinal)
                || e.Message.Contains("no such process", StringComparison.Ordinal)
                || e.IsShimLoss()
            )
        {
            throw RpcErrors.NotFound(Kind, Name, e);
        }
    }

    /// <summary>Kills it with SIGKILL, and with a container's own process every other process of the container.</summary>
    internal abstract Task KillAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Closes its input (Tasks.CloseIO), through restarts of the daemon: nothing would close it afterwards, and the process would wait for
    /// ever.
    /// </summary>
    internal async Task CloseInputAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await Stub.CloseIOAsync(
                        new()
                        {
                            ContainerId = ContainerId,
                            ExecId = WireExecId,
                            Stdin = true,
                        },
                        cancellationToken: cancellationToken
                    )
                    .TranslateErrors(Kind, Name)
                    .ConfigureAwait(false);
                return;
            }
            catch (CtrConnectionException) when (!cancellationToken.IsCancellationRequested)
            {
                await Scope.Connection.AwaitReturnAsync(RestartPatience, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Sets the size of its terminal (Tasks.ResizePty).</summary>
    /// <param name="width">The width in columns.</param>
    /// <param name="height">The height in rows.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal async Task ResizeAsync(int width, int height, CancellationToken cancellationToken) =>
        await Stub.ResizePtyAsync(
                new()
                {
                    ContainerId = ContainerId,
                    ExecId = WireExecId,
                    Width = (uint)width,
                    Height = (uint)height,
                },
                cancellationToken: cancellationToken
            )
            .TranslateErrors(Kind, Name)
            .ConfigureAwait(false);

    /// <summary>Sets the size of its terminal (Tasks.ResizePty).</summary>
    internal Task ResizeAsync(CtrSpecBox size, CancellationToken cancellationToken) =>
        ResizeAsync((int)size.Width, (int)size.Height, cancellationToken);

    /// <summary>Deletes it after its exit (Tasks.Delete, Tasks.DeleteProcess).</summary>
    internal async Task<WireTasks.DeleteResponse> DeleteAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await SendDelete(cancellationToken).TranslateErrors(Kind, Name).ConfigureAwait(false);
        }
        catch (CtrRuntimeException e) when (e.IsShimLoss())
        {
            // Another client deletes the whole task at this moment.
            throw RpcErrors.NotFound(Kind, Name, e);
        }
    }

    /// <summary>
    /// Waits for its exit (Tasks.Wait), through restarts of the daemon. An exit that a restarted daemon has forgotten, or that was lost
    /// with its shim, has no code.
    /// </summary>
    internal async Task<CtrExit> WaitAsync(CancellationToken cancellationToken)
    {
        var exit = Scope.Stamp(new CtrExit { ContainerId = ContainerId, ExecId = ExecId });
        var lost = false;
        while (true)
        {
            try
            {
                var reply = await AwaitExitAsync(cancellationToken).ConfigureAwait(false);
                exit.ExitCode = unchecked((int)reply.ExitStatus);
                exit.ExitedAt = reply.ExitedAt.Local();
                return exit;
            }
            catch (RpcException e) when (e.IsConnectionLoss() && !cancellationToken.IsCancellationRequested)
            {
                lost = true;
                await Scope.Connection.AwaitReturnAsync(RestartPatience, cancellationToken).ConfigureAwait(false);
            }
            catch (RpcException e) when (e.IsShimLoss())
            {
                // The daemon is about to remove the task; until then it answers with this error.
                lost = true;
                await Task.Delay(100, cancellationToken).ConfigureAwait(false);
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.NotFound && lost)
            {
                return exit;
            }
            catch (RpcException e)
            {
                throw RpcErrors.Translate(e, Kind, Name);
            }
        }
    }

    private protected abstract AsyncUnaryCall<WireTasks.DeleteResponse> SendDelete(CancellationToken cancellationToken);

    /// <summary>Asks for the exit (Tasks.Wait). A failure stays that of gRPC.</summary>
    private protected abstract Task<WireTasks.WaitResponse> AwaitExitAsync(CancellationToken cancellationToken);
}

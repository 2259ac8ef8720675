using System.Diagnostics;
using Containerd.Client.Transport;
using Grpc.Core;
using WireTasks = Containerd.Client.Wire.Tasks;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client.Records;

/// <summary>
/// The Tasks service's calls that a container's init process and its execs share; an empty exec id means the init process.
/// </summary>
internal sealed class TaskRpc(RecordScope ns)
{
    /// <summary>How long a wait tolerates an unavailable daemon.</summary>
    private static readonly TimeSpan RestartPatience = TimeSpan.FromMinutes(1);

    /// <summary>The interval at which a wait for an exec that has not started checks whether it still exists.</summary>
    private static readonly TimeSpan CreatedExecPause = TimeSpan.FromMilliseconds(250);

    /// <summary>The maximum delay of the answer for a deleted exec.</summary>
    private static readonly TimeSpan DeletedExecPatience = TimeSpan.FromSeconds(1);

    /// <summary>The time limit for the daemon to clean up after a dead shim.</summary>
    private static readonly TimeSpan ShimLossPatience = TimeSpan.FromSeconds(2);

    internal WireTasks.Tasks.TasksClient Stub => new(ns.Calls());

    internal async Task<WireTypes.Process> GetAsync(string containerId, string execId, CancellationToken cancellationToken)
    {
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return (
                    await Stub.GetAsync(new() { ContainerId = containerId, ExecId = execId }, cancellationToken: cancellationToken)
                        .About(Kind(execId), Name(containerId, execId))
                        .ConfigureAwait(false)
                ).Process;
            }
            catch (CtrRuntimeException e) when (e.IsShimLoss())
            {
                // The daemon will report that it no longer exists; until then its state is unknown.
                if (waiting.Elapsed > ShimLossPatience)
                    return new WireTypes.Process { ContainerId = containerId, Id = execId.Length > 0 ? execId : containerId };
                await Task.Delay(50, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    internal async Task<int> StartAsync(string containerId, string execId, CancellationToken cancellationToken) =>
        (int)
            (
                await Stub.StartAsync(new() { ContainerId = containerId, ExecId = execId }, cancellationToken: cancellationToken)
                    .About(Kind(execId), Name(containerId, execId))
                    .ConfigureAwait(false)
            ).Pid;

    internal async Task KillAsync(string containerId, string execId, int signal, bool all, CancellationToken cancellationToken)
    {
        try
        {
            await Stub.KillAsync(
                    new()
                    {
                        ContainerId = containerId,
                        ExecId = execId,
                        Signal = (uint)signal,
                        All = all,
                    },
                    cancellationToken: cancellationToken
                )
                .About(Kind(execId), Name(containerId, execId))
                .ConfigureAwait(false);
        }
        catch (CtrRuntimeException e)
            when (e.Message.Contains("process already finished", StringComparison.Ordinal)
                || e.Message.Contains("no such process", StringComparison.Ordinal)
                || e.IsShimLoss()
            )
        {
            throw RpcErrors.NotFound(Kind(execId), Name(containerId, execId), e);
        }
    }

    /// <summary>
    /// Closes the input of a process, across restarts of the daemon: otherwise it would never be closed, and the process would wait
    /// forever.
    /// </summary>
    internal async Task CloseInputAsync(string containerId, string execId, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await Stub.CloseIOAsync(
                        new()
                        {
                            ContainerId = containerId,
                            ExecId = execId,
                            Stdin = true,
                        },
                        cancellationToken: cancellationToken
                    )
                    .About(Kind(execId), Name(containerId, execId))
                    .ConfigureAwait(false);
                return;
            }
            catch (CtrConnectionException) when (!cancellationToken.IsCancellationRequested)
            {
                await ns.Connection.AwaitReturnAsync(RestartPatience, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    internal async Task ResizeAsync(string containerId, string execId, int width, int height, CancellationToken cancellationToken) =>
        await Stub.ResizePtyAsync(
                new()
                {
                    ContainerId = containerId,
                    ExecId = execId,
                    Width = (uint)width,
                    Height = (uint)height,
                },
                cancellationToken: cancellationToken
            )
            .About(Kind(execId), Name(containerId, execId))
            .ConfigureAwait(false);

    internal async Task<WireTasks.DeleteResponse> DeleteAsync(string containerId, string execId, CancellationToken cancellationToken)
    {
        try
        {
            return execId.Length > 0
                ? await Stub.DeleteProcessAsync(new() { ContainerId = containerId, ExecId = execId }, cancellationToken: cancellationToken)
                    .About(Resource.Exec, Name(containerId, execId))
                    .ConfigureAwait(false)
                : await Stub.DeleteAsync(new() { ContainerId = containerId }, cancellationToken: cancellationToken)
                    .About(Resource.Task, containerId)
                    .ConfigureAwait(false);
        }
        catch (CtrRuntimeException e) when (e.IsShimLoss())
        {
            // Another client is deleting the whole task.
            throw RpcErrors.NotFound(Kind(execId), Name(containerId, execId), e);
        }
    }

    /// <summary>
    /// Waits for the exit of a process, across restarts of the daemon. An exit that was lost by a restart of the daemon or the death of its
    /// shim has no exit code.
    /// </summary>
    internal async Task<CtrExit> WaitAsync(string containerId, string execId, CancellationToken cancellationToken)
    {
        var exit = ns.Own(new CtrExit { ContainerId = containerId, ExecId = execId.Length > 0 ? execId : null });
        var lost = false;
        while (true)
        {
            try
            {
                var reply = await AnswerAsync(containerId, execId, cancellationToken).ConfigureAwait(false);
                // For an exec that could not be started, the runtime answers with code 0 and without a time.
                if (reply.ExitedAt.Local() is null && execId.Length > 0)
                    throw NotStarted(containerId, execId);
                exit.ExitCode = unchecked((int)reply.ExitStatus);
                exit.ExitedAt = reply.ExitedAt.Local();
                return exit;
            }
            catch (RpcException e) when (e.IsConnectionLoss() && !cancellationToken.IsCancellationRequested)
            {
                lost = true;
                await ns.Connection.AwaitReturnAsync(RestartPatience, cancellationToken).ConfigureAwait(false);
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
                throw RpcErrors.Translate(e, Kind(execId), Name(containerId, execId));
            }
        }
    }

    /// <summary>
    /// Queries the exit of a process. A shim never answers for an exec that is deleted before it was started: so its state is queried too,
    /// until it has started.
    /// </summary>
    private async Task<WireTasks.WaitResponse> AnswerAsync(string containerId, string execId, CancellationToken cancellationToken)
    {
        var request = new WireTasks.WaitRequest { ContainerId = containerId, ExecId = execId };
        if (execId.Length == 0)
            return await Stub.WaitAsync(request, cancellationToken: cancellationToken).ResponseAsync.ConfigureAwait(false);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task<WireTasks.WaitResponse>> answers = [AskAsync()];
        try
        {
            while (await Task.WhenAny(answers[0], Task.Delay(CreatedExecPause, ending.Token)).ConfigureAwait(false) != answers[0])
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (await CreatedAsync().ConfigureAwait(false))
                    continue;
                // Another exec may have its id now, for which the first call would wait in vain.
                answers.Add(AskAsync());
                break;
            }

            var answer = await Task.WhenAny(answers).ConfigureAwait(false);
            // It has exited and been deleted before the second call: the first call has the result.
            if (answer.IsFaulted && await AnsweredAsync().ConfigureAwait(false))
                answer = answers[0];
            return await answer.ConfigureAwait(false);
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            answers.ForEach(static a => _ = a.ContinueWith(static t => t.Exception, TaskScheduler.Default));
        }

        async Task<bool> AnsweredAsync() =>
            await Task.WhenAny(answers[0], Task.Delay(DeletedExecPatience, ending.Token)).ConfigureAwait(false) == answers[0];

        Task<WireTasks.WaitResponse> AskAsync() => Stub.WaitAsync(request, cancellationToken: ending.Token).ResponseAsync;

        async Task<bool> CreatedAsync()
        {
            try
            {
                return (
                        await Stub.GetAsync(new() { ContainerId = containerId, ExecId = execId }, cancellationToken: ending.Token)
                            .ResponseAsync.ConfigureAwait(false)
                    )
                        .Process
                        .Status == WireTypes.Status.Created;
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
            {
                // It may have exited and been deleted since: then the answer is about to arrive.
                return await AnsweredAsync().ConfigureAwait(false) ? false : throw NotStarted(containerId, execId);
            }
        }
    }

    private static CtrNotFoundException NotStarted(string containerId, string execId) =>
        new($"The exec '{containerId}/{execId}' was never started: its start failed, or it was removed.")
        {
            ErrorId = "ExecNotStarted",
            Subject = execId,
            Remedy = "Create another exec. If the start failed, its error shows the reason.",
        };

    private static Resource Kind(string execId) => execId.Length > 0 ? Resource.Exec : Resource.Task;

    private static string Name(string containerId, string execId) => execId.Length > 0 ? $"{containerId}/{execId}" : containerId;
}

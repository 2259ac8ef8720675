using Containerd.Client.Records;
using Containerd.Client.Transport;
using Containerd.Host;
using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client.Workloads.Tasks;

/// <summary>Stops tasks: by their stop signal, and after the grace by SIGKILL.</summary>
internal sealed class TaskStop(RecordScope ns, OomKills oom)
{
    /// <summary>How long a paused task that was signalled may take until it is no longer frozen.</summary>
    private const int ThawPatience = 1000;

    /// <inheritdoc cref="TaskService.StopAsync"/>
    internal async Task<CtrExit> StopAsync(string containerId, TimeSpan grace, int? signal, CancellationToken cancellationToken)
    {
        // Otherwise the restart monitor would start it again, or kill it before the grace ends.
        var hold = await RestartHold.TakeAsync(ns, containerId, cancellationToken).ConfigureAwait(false);
        try
        {
            return await StopHeldAsync(containerId, grace, signal, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrNotFoundException e) when (hold.IsHeld && e.ErrorId == ErrorIds.TaskNotFound)
        {
            // It was between two starts of the restart monitor, and there will be no other.
            return ns.Stamp(new CtrExit { ContainerId = containerId });
        }
        catch
        {
            await hold.UndoAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<CtrExit> StopHeldAsync(string containerId, TimeSpan grace, int? signal, CancellationToken cancellationToken)
    {
        var init = ns.Init(containerId);
        var state = await init.GetToEndAsync(cancellationToken).ConfigureAwait(false);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var waiting = init.WaitAsync(ending.Token);
        try
        {
            long? killsBefore = null;
            if (signal is null && Runs(state))
            {
                var container = await ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
                signal = StopSignalOf(container);
                if (OomKills.EndsWithTask(container))
                    killsBefore = await oom.CountAsync(containerId).ConfigureAwait(false);
            }

            var exit = await StopAsync(init, state, waiting, grace, signal, cancellationToken).ConfigureAwait(false);
            exit.OomKilled = killsBefore > 0 ? true : await oom.OfTaskAsync(containerId, exit.ExitCode).ConfigureAwait(false);
            return exit;
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            _ = waiting.ContinueWith(static ended => ended.Exception, TaskScheduler.Default);
        }
    }

    private async Task<CtrExit> StopAsync(
        InitProcess init,
        WireTypes.Process state,
        Task<CtrExit> waiting,
        TimeSpan grace,
        int? signal,
        CancellationToken cancellationToken
    )
    {
        if (Runs(state))
        {
            await TrySignalAsync(init, signal ?? CtrSignal.Term.Number, all: false, cancellationToken).ConfigureAwait(false);
            if (state.Status is WireTypes.Status.Paused or WireTypes.Status.Pausing)
                await ResumeAsync(init.ContainerId, cancellationToken).ConfigureAwait(false);
            if (await Task.WhenAny(waiting, LongTime.DelayAsync(grace, cancellationToken)).ConfigureAwait(false) != waiting)
                cancellationToken.ThrowIfCancellationRequested();
        }

        if (!waiting.IsCompleted)
            await TrySignalAsync(init, CtrSignal.Kill.Number, all: true, cancellationToken).ConfigureAwait(false);
        try
        {
            // The timeout is reached: the rest has the time limit of any other call.
            var exit = await waiting.WaitAsync(ns.Connection.AnswerTime, cancellationToken).ConfigureAwait(false);
            exit.Pid = (int)state.Pid;
            return exit;
        }
        catch (TimeoutException) when (!waiting.IsCompleted)
        {
            throw TimeoutErrors.NotEnded(init.ContainerId, ns.Connection.AnswerTime);
        }
    }

    private static async Task TrySignalAsync(InitProcess init, int number, bool all, CancellationToken cancellationToken)
    {
        try
        {
            await init.KillAsync(number, all, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrNotFoundException)
        {
            // It ended in between: the wait returns how.
        }
    }

    /// <summary>Resumes a paused task, which cannot act on a signal before.</summary>
    private async Task ResumeAsync(string containerId, CancellationToken cancellationToken)
    {
        try
        {
            await ns
                .TaskRecords.Stub.ResumeAsync(new() { ContainerId = containerId }, cancellationToken: cancellationToken)
                .TranslateErrors(Resource.Task, containerId)
                .ConfigureAwait(false);
        }
        catch (CtrException e) when (e.Message.Contains("not paused", StringComparison.Ordinal))
        {
            // The runtime has thawed it for the signal by itself, though the shim still reports it as paused.
        }
        catch (CtrException)
        {
            // A runtime may thaw it for the signal by itself, and a killed one has ended, which the shim notices in a moment: what counts
            // is that it is no longer frozen.
            var giveUp = Environment.TickCount64 + ThawPatience;
            while (
                await ns.TaskRecords.FindAsync(containerId, cancellationToken).ConfigureAwait(false)
                    is { Status: CtrStatus.Paused or CtrStatus.Pausing }
            )
            {
                if (Environment.TickCount64 > giveUp)
                    throw;
                await Task.Delay(20, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static bool Runs(WireTypes.Process state) => state.Status is not (WireTypes.Status.Stopped or WireTypes.Status.Created);

    private static int StopSignalOf(CtrContainer container)
    {
        if (!container.Labels.TryGetValue(ContainerLabels.StopSignal, out var text))
            return CtrSignal.Term.Number;
        try
        {
            return CtrSignal.Parse(text).Number;
        }
        catch (CtrArgumentException)
        {
            // An image may hold any text; its containers can be stopped all the same.
            return CtrSignal.Term.Number;
        }
    }
}

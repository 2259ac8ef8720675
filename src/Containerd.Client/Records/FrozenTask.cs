using Containerd.Client.Transport;

namespace Containerd.Client.Records;

/// <summary>
/// A task that is paused during an operation on its container; it is resumed when this object is disposed, whatever the result.
/// </summary>
internal sealed class FrozenTask : IAsyncDisposable
{
    private readonly RecordScope _ns;
    private string? _paused;
    private RestartHold? _hold;

    private FrozenTask(RecordScope ns) => _ns = ns;

    /// <summary>Pauses a running task; a task that is not running or already paused is not changed.</summary>
    public static async Task<FrozenTask> FreezeAsync(RecordScope ns, CtrTask? task, CancellationToken cancellationToken)
    {
        var frozen = new FrozenTask(ns);
        if (task is not { Status: CtrStatus.Running })
            return frozen;
        cancellationToken.ThrowIfCancellationRequested();
        // It must be known whether the task was paused, so this is not cancelled.
        frozen._paused = task.ContainerId;
        if (TaskPause.IsEndedByMonitor(ns))
            frozen._hold = await RestartHold.TakeAsync(ns, task.ContainerId, CancellationToken.None).ConfigureAwait(false);
        try
        {
            await new TaskPause(ns).PauseAsync(task.ContainerId, CancellationToken.None).ConfigureAwait(false);
            return frozen;
        }
        catch (CtrException e) when (OpenCall.Of(e) is { } open)
        {
            // Only when it is known whether the task was paused.
            BackgroundWork.Detach(ResumeAfterAsync(open.Answer), ns.Connection, holdsUp: true);
            throw;
        }
        catch (CtrConnectionException)
        {
            await frozen.DisposeAsync().ConfigureAwait(false);
            throw;
        }
        catch
        {
            await frozen.ReleaseAsync().ConfigureAwait(false);
            throw;
        }

        async Task ResumeAfterAsync(Task pausing)
        {
            await pausing.ContinueWith(static ended => ended.Exception, TaskScheduler.Default).ConfigureAwait(false);
            await frozen.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Does not resume the task, because it no longer exists.</summary>
    public void Forget() => (_paused, _hold) = (null, null);

    public async ValueTask DisposeAsync()
    {
        if (_paused is not { } id)
            return;
        _paused = null;
        await BackgroundWork.RunUntilDoneAsync(ResumeAsync, _ns.Connection).ConfigureAwait(false);
        await ReleaseAsync().ConfigureAwait(false);

        async Task ResumeAsync(CancellationToken stop)
        {
            try
            {
                await new TaskPause(_ns).ResumeAsync(id, stop).ConfigureAwait(false);
            }
            catch (CtrException e) when (e is CtrNotFoundException or CtrConflictException)
            {
                // It was killed in the meantime, or another client has resumed it.
            }
        }
    }

    private async Task ReleaseAsync()
    {
        if (_hold is not { } hold)
            return;
        _hold = null;
        await hold.UndoAsync().ConfigureAwait(false);
    }
}

using Containerd.Client.Transport;

namespace Containerd.Client.Records;

/// <summary>
/// A task that stands still while something is done to its container; it goes on when this is disposed of, whatever became of that.
/// </summary>
internal sealed class FrozenTask : IAsyncDisposable
{
    private readonly RecordScope _ns;
    private string? _paused;

    private FrozenTask(RecordScope ns) => _ns = ns;

    /// <summary>Pauses a running task; one that does not run, or is paused already, is left as it is.</summary>
    public static async Task<FrozenTask> FreezeAsync(RecordScope ns, CtrTask? task, CancellationToken cancellationToken)
    {
        var frozen = new FrozenTask(ns);
        if (task is not { Status: CtrStatus.Running })
            return frozen;
        cancellationToken.ThrowIfCancellationRequested();
        // Whether it has been paused must be known: so this is not given up.
        frozen._paused = task.ContainerId;
        try
        {
            await new TaskPause(ns).PauseAsync(task.ContainerId, CancellationToken.None).ConfigureAwait(false);
            return frozen;
        }
        catch (CtrException e) when (OpenCall.Of(e) is { } open)
        {
            // Not before it is known whether the task has been paused.
            BackgroundWork.Detach(ResumeAfterAsync(open.Answer), ns.Connection, holdsUp: true);
            throw;
        }
        catch (CtrConnectionException)
        {
            await frozen.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        async Task ResumeAfterAsync(Task pausing)
        {
            await pausing.ContinueWith(static ended => ended.Exception, TaskScheduler.Default).ConfigureAwait(false);
            await frozen.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Leaves the task as it is, for it is gone.</summary>
    public void Forget() => _paused = null;

    public async ValueTask DisposeAsync()
    {
        if (_paused is not { } id)
            return;
        _paused = null;
        await BackgroundWork.RunUntilDoneAsync(ResumeAsync, _ns.Connection).ConfigureAwait(false);

        async Task ResumeAsync(CancellationToken stop)
        {
            try
            {
                await new TaskPause(_ns).ResumeAsync(id, stop).ConfigureAwait(false);
            }
            catch (CtrException e) when (e is CtrNotFoundException or CtrConflictException)
            {
                // It was killed meanwhile, or somebody else has resumed it: it is not frozen.
            }
        }
    }
}

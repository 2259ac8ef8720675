using System.Diagnostics;
using Containerd.Client.Records;
using Containerd.Client.Storage;
using Containerd.Client.Transport;
using Containerd.Client.Workloads.Networks;
using Containerd.Client.Workloads.Options;
using Containerd.Client.Workloads.Streams;
using Google.Protobuf.WellKnownTypes;
using WireTasks = Containerd.Client.Wire.Tasks;

namespace Containerd.Client.Workloads.Tasks;

/// <summary>Creates tasks (Tasks.Create), and undoes it if the caller gives up.</summary>
internal sealed class TaskCreator(StorageScope ns, OomKills oom, LeftoverShim shim, TaskRemoval removal)
{
    /// <summary>
    /// The time limit for the daemon to clean up after a dead shim. Until then it does not create another task of that container.
    /// </summary>
    private static readonly TimeSpan DeadShimPatience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan DeadShimPause = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan ClockStep = TimeSpan.FromMilliseconds(20);

    private readonly NetworkStart _network = new(ns);

    /// <summary>Creates a task with these streams and does not start it.</summary>
    /// <param name="container">The container.</param>
    /// <param name="streams">The streams of its process.</param>
    /// <param name="options">Options of the runtime for this task; null for the container's own.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests. A canceled call leaves no task behind.</param>
    internal async Task CreateAsync(CtrContainer container, StreamPaths streams, Any? options, CancellationToken cancellationToken)
    {
        await _network.PrepareAsync(container, cancellationToken).ConfigureAwait(false);
        // What was recorded about an earlier task says nothing about this one.
        if (container.Health is not null)
            await ns
                .ContainerRecords.PutLabelAsync(container.ContainerId, HealthLabel.Name, HealthLabel.Starting, cancellationToken)
                .ConfigureAwait(false);
        // The time of a file is that of the kernel's last tick.
        var since = DateTime.UtcNow - ClockStep;
        var request = new WireTasks.CreateTaskRequest
        {
            ContainerId = container.ContainerId,
            Stdin = streams.Stdin,
            Stdout = streams.Stdout,
            Stderr = streams.Stderr,
            Terminal = streams.Terminal,
            Options = await MappedStreams.OptionsAsync(ns, container, options, cancellationToken).ConfigureAwait(false),
        };
        if (container.SnapshotKey.Length > 0)
        {
            var mounts = await ns
                .Snapshots.MountsAsync(container.Snapshotter, container.SnapshotKey, cancellationToken)
                .ConfigureAwait(false);
            request.Rootfs.AddRange(mounts.Select(m => m.ToWire()));
        }

        var id = container.ContainerId;
        oom.Forget(id);
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                await BackgroundWork
                    .CompleteOrUndoAsync(
                        stop => ns.TaskRecords.Stub.CreateAsync(request, cancellationToken: stop).TranslateErrors(Resource.Task, id),
                        _ => removal.RemoveUnstartedAsync(id),
                        cancellationToken
                    )
                    .ConfigureAwait(false);
                await _network.RememberAsync(container).ConfigureAwait(false);
                return;
            }
            catch (CtrRuntimeException e) when (_network.Explain(e, container, since) is var explained && explained != e)
            {
                throw explained;
            }
            catch (CtrConnectionException)
            {
                await BackgroundWork
                    .RunUntilDoneAsync(deadline => shim.EndAsync(id, deadline), ns.Connection, holdsUp: false)
                    .ConfigureAwait(false);
                throw;
            }
            catch (CtrConflictException e) when (e.ErrorId == ErrorIds.TaskExists)
            {
                if (waiting.Elapsed > DeadShimPatience || !await shim.IsHiddenAsync(id, cancellationToken).ConfigureAwait(false))
                    throw await ExistsAsync(id, e, cancellationToken).ConfigureAwait(false);
                await Task.Delay(DeadShimPause, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>What keeps containerd from creating a task, where there was none a moment before.</summary>
    private async Task<CtrConflictException> ExistsAsync(string id, CtrConflictException error, CancellationToken cancellationToken) =>
        // A shim that is creating one answers nothing meanwhile.
        await ns.TaskRecords.FindAsync(id, cancellationToken).ConfigureAwait(false)
            is { } task
                and not { Status: CtrStatus.Unknown, Pid: 0 }
            ? ProcessErrors.TaskExists(task, error)
            : ProcessErrors.ShimWithoutTask(id, error);
}

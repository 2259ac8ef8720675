using Containerd.Client.Records;

namespace Containerd.Client.Workloads.Logs;

/// <summary>Waits for the next start of a container that is followed: containerd's restart monitor may start it again.</summary>
internal sealed class LogRestarts(RecordScope ns, LogFolders folders)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    /// <summary>
    /// How long the monitor may take to create a task after it has deleted the one before. Until then, a container that is restarted only
    /// after failures has no exit code.
    /// </summary>
    private static readonly TimeSpan CreationTime = TimeSpan.FromSeconds(10);

    /// <summary>The starts after one. Waits for them as long as the restart monitor is to start the container again.</summary>
    /// <param name="container">The container.</param>
    /// <param name="number">The number of the start.</param>
    /// <param name="enough">Ends the wait without an error.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The starts; none if the container is not started again.</returns>
    internal async Task<IReadOnlyList<LogStart>> NextAsync(
        CtrContainer container,
        int number,
        CancellationToken enough,
        CancellationToken cancellationToken
    )
    {
        long? absentSince = null;
        while (true)
        {
            var isExpected = await IsExpectedAsync().ConfigureAwait(false);
            var later = After(container, number);
            if (later.Count > 0 || !isExpected || enough.IsCancellationRequested)
                return later;
            await Task.WhenAny(Task.Delay(Interval, cancellationToken), Task.Delay(Timeout.Infinite, enough)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }

        async Task<bool> IsExpectedAsync()
        {
            try
            {
                var current = await ns.ContainerRecords.GetAsync(container.ContainerId, cancellationToken).ConfigureAwait(false);
                var task = await ns.TaskRecords.FindAsync(container.ContainerId, cancellationToken).ConfigureAwait(false);
                if (current.CreatedAt != container.CreatedAt || !RestartLabels.IsMonitored(current.Labels) || !IsLogged(current))
                    return false;
                if (task is not null)
                {
                    absentSince = null;
                    // One that runs is about to write to files of its own.
                    return task.Status != CtrStatus.Stopped || RestartLabels.IsRestarting(current, task);
                }

                absentSince ??= Environment.TickCount64;
                return RestartLabels.IsRestarting(current, null)
                    || (current.RestartPolicy is not null && Environment.TickCount64 - absentSince < CreationTime.TotalMilliseconds);
            }
            catch (CtrNotFoundException)
            {
                return false;
            }
        }
    }

    // The monitor discards the output of a container without a logger, and that of another client writes to other files.
    private static bool IsLogged(CtrContainer container) =>
        container.Labels.TryGetValue(ContainerLabels.RestartLogUri, out var uri) && LogHelper.OptionsOf(uri) is not null;

    /// <summary>Completes when there is a start after one.</summary>
    internal async Task StartedAsync(CtrContainer container, int number, CancellationToken cancellationToken)
    {
        while (After(container, number).Count == 0)
            await Task.Delay(Interval, cancellationToken).ConfigureAwait(false);
    }

    private List<LogStart> After(CtrContainer container, int number) =>
        [.. LogStart.In(folders.Of(container)).Where(s => s.Number > number)];
}

using System.Text.Json;
using Containerd.Client.Records;
using Containerd.Host;
using Containerd.Host.Processes;

namespace Containerd.Client.Workloads.Readiness;

/// <summary>Waits until the health of a container is recorded as healthy for its current task.</summary>
internal sealed class HealthWait(RecordScope ns, TaskService tasks, string containerId)
{
    /// <summary>The label with a container's health check, which nerdctl uses too.</summary>
    private const string CheckLabel = "nerdctl/healthcheck";

    // The daemon's events do not include what is written while it restarts, so the record is read again and again in any case.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>How long a wait tolerates an unavailable daemon.</summary>
    private static readonly TimeSpan RestartPatience = TimeSpan.FromMinutes(1);

    internal async Task RunAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(cancellationToken);
        deadline.Start(timeout);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token);
        CtrHealth? last = null;
        try
        {
            var task = await tasks.GetAsync(containerId, waiting.Token).ConfigureAwait(false);
            var started = StartOf(task);
            var end = new TaskEnd(ns, tasks, containerId, waiting.Token);
            while (true)
            {
                if (task.Status == CtrStatus.Stopped || end.Exit.IsCompleted)
                    throw await EndedAsync(end, waiting.Token).ConfigureAwait(false);
                last = await ReadAsync(started, end, waiting.Token).ConfigureAwait(false);
                if (last?.Status == CtrHealthStatus.Healthy)
                {
                    // The record of a task that exits stays as it is.
                    var now = await ns.TaskRecords.FindAsync(containerId, waiting.Token).ConfigureAwait(false);
                    if (now is not null and not { Status: CtrStatus.Stopped } && now.Pid == task.Pid)
                        return;
                    throw await EndedAsync(end, waiting.Token).ConfigureAwait(false);
                }

                await Task.WhenAny(end.Exit, Task.Delay(Pause, waiting.Token)).ConfigureAwait(false);
                waiting.Token.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (deadline.IsOver)
        {
            throw ReadinessErrors.HealthTimedOut(containerId, timeout, last);
        }
        finally
        {
            await waiting.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The health of the task; null if none was recorded for it.</summary>
    private async Task<CtrHealth?> ReadAsync(DateTime? started, TaskEnd end, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var container = await ns.ContainerRecords.GetAsync(containerId, cancellationToken).ConfigureAwait(false);
                if (container.Health is null && !IsChecked(container))
                    throw ReadinessErrors.HealthNotConfigured(containerId);
                // What was last written before the task started is about an earlier one.
                return container.UpdatedAt < started ? null : container.Health;
            }
            catch (CtrNotFoundException e) when (e.ErrorId == ErrorIds.ContainerNotFound)
            {
                throw await EndedAsync(end, cancellationToken).ConfigureAwait(false);
            }
            catch (CtrConnectionException) when (!cancellationToken.IsCancellationRequested)
            {
                await ns.Connection.AwaitReturnAsync(RestartPatience, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>When the process of the task started, exactly; null if it does not run on this machine.</summary>
    private static DateTime? StartOf(CtrTask task) =>
        task.StartedAt is not null && OperatingSystem.IsLinux() && ProcessMark.AgeOf(task.Pid) is { } age ? DateTime.Now - age : null;

    private static bool IsChecked(CtrContainer container)
    {
        if (!container.Labels.TryGetValue(CheckLabel, out var text))
            return false;
        try
        {
            using var json = JsonDocument.Parse(text);
            // ["NONE"] switches off the check of the image.
            return !json.RootElement.TryGetProperty("Test", out var test) || test[0].GetString() != "NONE";
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IndexOutOfRangeException)
        {
            // Any client can write any label.
            return true;
        }
    }

    private static Task<CtrProcessExitedException> EndedAsync(TaskEnd end, CancellationToken cancellationToken) =>
        end.ErrorAsync("it was healthy", null, cancellationToken);
}

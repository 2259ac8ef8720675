using Containerd.Client.Records;
using Containerd.Client.Transport;

namespace Containerd.Client.Workloads.Events;

/// <summary>Reads which processes the daemon has: its tasks, and of other processes those that are asked for.</summary>
internal static class TaskSnapshot
{
    /// <summary>Reads the daemon's state (Tasks.List, Tasks.Get).</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="expected">
    /// Processes to ask for if the list does not show them: it has no execs, and leaves out a task whose shim does not answer.
    /// </param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    /// <returns>The processes that exist; those whose shim does not answer have the status Unknown.</returns>
    internal static async Task<IReadOnlyList<ProcessReport>> ReadAsync(
        RecordScope ns,
        IReadOnlyList<(string Container, string Process)> expected,
        CancellationToken cancellationToken
    )
    {
        var tasks = (
            await ns
                .TaskRecords.Stub.ListAsync(new(), cancellationToken: cancellationToken)
                .TranslateErrors(Resource.Task)
                .ConfigureAwait(false)
        ).Tasks;
        var shown = tasks.DistinctBy(t => t.Id).ToDictionary(t => (t.Id, t.Id), t => ProcessReport.From(t.Id, t.Id, t));
        foreach (var (container, process) in expected.Where(key => !shown.ContainsKey(key)))
        {
            try
            {
                var found = await ns.Process(container, process == container ? null : process)
                    .GetAsync(cancellationToken)
                    .ConfigureAwait(false);
                shown.Add((container, process), ProcessReport.From(container, process, found));
            }
            catch (CtrNotFoundException)
            {
                // It no longer exists.
            }
            catch (CtrException e) when (e is not CtrConnectionException)
            {
                // Nobody knows at the moment.
                shown.Add((container, process), new ProcessReport(container, process, 0, CtrStatus.Unknown));
            }
        }

        return [.. shown.Values];
    }
}

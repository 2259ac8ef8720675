using Containerd.Client.Records;
using Containerd.Client.Transport;

namespace Containerd.Client.Workloads.Events;

/// <summary>Reads the daemon's processes: its tasks, and other processes on request.</summary>
internal static class TaskSnapshot
{
    /// <summary>Reads the daemon's state (Tasks.List, Tasks.Get).</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="expected">Processes to query if they are not in the list: it does not contain execs, and omits a task whose shim does
    /// not answer.
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
                // The state is not known now.
                shown.Add((container, process), new ProcessReport(container, process, 0, CtrStatus.Unknown));
            }
        }

        return [.. shown.Values];
    }
}

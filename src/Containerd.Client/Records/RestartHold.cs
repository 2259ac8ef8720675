using Containerd.Client.Transport;

namespace Containerd.Client.Records;

/// <summary>
/// Keeps containerd's restart monitor away from a container, whichever client asked it to restart the container. The monitor compares the
/// label of the wanted status with the task at each of its intervals: it kills a task that is to be stopped, at once and without its stop
/// signal, and starts a container that is to run, also while a client removes it. So the label is removed before an operation, and is never
/// set to <c>stopped</c>.
/// </summary>
internal sealed class RestartHold
{
    private readonly RecordScope _ns;
    private readonly string _containerId;
    private readonly Dictionary<string, string>? _before;

    private RestartHold(RecordScope ns, string containerId, Dictionary<string, string>? before) =>
        (_ns, _containerId, _before) = (ns, containerId, before);

    /// <summary>Whether the monitor acted on the container before.</summary>
    internal bool IsHeld => _before is not null;

    /// <summary>Tells the monitor that a client controls the container; does nothing if the monitor does not act on it.</summary>
    internal static async Task<RestartHold> TakeAsync(RecordScope ns, string containerId, CancellationToken cancellationToken)
    {
        var labels = await LabelsAsync(ns, containerId, cancellationToken).ConfigureAwait(false);
        if (!labels.ContainsKey(ContainerLabels.RestartStatus))
            return new(ns, containerId, null);
        var before = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var label in new[] { ContainerLabels.RestartStatus, ContainerLabels.ExplicitlyStopped })
            before[label] = labels.TryGetValue(label, out var value) ? value : "";
        await PutAsync(ns, containerId, "", "true", cancellationToken).ConfigureAwait(false);
        return new(ns, containerId, before);
    }

    /// <summary>Puts the labels back, after an operation that failed.</summary>
    internal async Task UndoAsync()
    {
        if (_before is null)
            return;
        await BackgroundWork
            .RunUntilDoneAsync(
                deadline =>
                    PutAsync(
                        _ns,
                        _containerId,
                        _before[ContainerLabels.RestartStatus],
                        _before[ContainerLabels.ExplicitlyStopped],
                        deadline
                    ),
                _ns.Connection
            )
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Hands a container that a client has started to the monitor, if it has a policy or the monitor acted on it before. The monitor counts
    /// from 0 again, and the exit of an earlier task is no longer the last one after the monitor has deleted tasks.
    /// </summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="container">The container, as it was before or after it was held.</param>
    /// <param name="logUri">The logger of the starts to come; empty for none, null to leave what another client has set.</param>
    internal static async Task StartedAsync(RecordScope ns, CtrContainer container, string? logUri)
    {
        if (!IsKept(container))
            return;
        var labels = new List<(string, string)>
        {
            (ContainerLabels.RestartStatus, RestartLabels.Running),
            (ContainerLabels.ExplicitlyStopped, ""),
            (ContainerLabels.RestartCount, ""),
            (ContainerLabels.LastExit, ""),
        };
        if (logUri is not null)
            labels.Add((ContainerLabels.RestartLogUri, logUri));
        await BackgroundWork
            .RunUntilDoneAsync(deadline => PutAsync(ns, container.ContainerId, labels, deadline), ns.Connection)
            .ConfigureAwait(false);
    }

    private static bool IsKept(CtrContainer container) =>
        container.Labels.ContainsKey(ContainerLabels.RestartPolicy)
            ? container.RestartPolicy is not null
            : container.Labels.ContainsKey(ContainerLabels.RestartStatus)
                || container.Labels.ContainsKey(ContainerLabels.ExplicitlyStopped);

    /// <summary>Whether the monitor acts on a container.</summary>
    internal static async Task<bool> IsMonitoredAsync(RecordScope ns, string containerId, CancellationToken cancellationToken) =>
        (await LabelsAsync(ns, containerId, cancellationToken).ConfigureAwait(false)).ContainsKey(ContainerLabels.RestartStatus);

    private static async Task<IDictionary<string, string>> LabelsAsync(
        RecordScope ns,
        string containerId,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return (await ns.ContainerRecords.GetWireAsync(containerId, cancellationToken).ConfigureAwait(false)).Labels;
        }
        catch (CtrNotFoundException)
        {
            // A task may outlive the metadata of its container.
            return new Dictionary<string, string>();
        }
    }

    private static Task PutAsync(
        RecordScope ns,
        string containerId,
        string status,
        string explicitlyStopped,
        CancellationToken cancellationToken
    ) =>
        PutAsync(
            ns,
            containerId,
            [(ContainerLabels.RestartStatus, status), (ContainerLabels.ExplicitlyStopped, explicitlyStopped)],
            cancellationToken
        );

    // containerd removes a label whose value is empty.
    private static async Task PutAsync(
        RecordScope ns,
        string containerId,
        IReadOnlyList<(string Label, string Value)> labels,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await ns.ContainerRecords.PutLabelsAsync(containerId, labels, cancellationToken).ConfigureAwait(false);
        }
        catch (CtrNotFoundException)
        {
            // It was removed meanwhile.
        }
    }
}

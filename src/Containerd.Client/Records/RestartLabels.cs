using System.Globalization;

namespace Containerd.Client.Records;

/// <summary>The labels by which clients tell containerd's restart monitor what to start again.</summary>
internal static class RestartLabels
{
    /// <summary>The wanted status of a container that the monitor acts on.</summary>
    internal const string Running = "running";

    /// <summary>Whether the monitor acts on a container: it runs, or is to be started again.</summary>
    internal static bool IsMonitored(IDictionary<string, string> labels) =>
        labels.TryGetValue(ContainerLabels.RestartStatus, out var wanted) && wanted == Running;

    /// <summary>
    /// Whether a label is the state of one container, rather than a setting: a copy of the container that had it would be started, or
    /// write to the log of the other.
    /// </summary>
    internal static bool IsState(string label) =>
        label
            is ContainerLabels.RestartStatus
                or ContainerLabels.RestartCount
                or ContainerLabels.RestartLogUri
                or ContainerLabels.ExplicitlyStopped;

    /// <summary>
    /// The policy of a container; null if the monitor never starts it. A container without a policy that the monitor is to keep running is
    /// always started.
    /// </summary>
    internal static CtrRestartPolicy? PolicyOf(IDictionary<string, string> labels)
    {
        var policy = labels.TryGetValue(ContainerLabels.RestartPolicy, out var text) ? CtrRestartPolicy.Read(text) : null;
        if (policy is null && IsMonitored(labels))
            return new CtrRestartPolicy { Mode = CtrRestartMode.Always };
        return policy is { Mode: CtrRestartMode.No } ? null : policy;
    }

    /// <summary>How many times the monitor has started a container since a client did.</summary>
    internal static int CountOf(IDictionary<string, string> labels) =>
        labels.TryGetValue(ContainerLabels.RestartCount, out var text)
        && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : 0;

    /// <summary>Whether the monitor is to start a container again at one of its next looks.</summary>
    /// <param name="container">The container.</param>
    /// <param name="task">Its task; null for none.</param>
    internal static bool IsRestarting(CtrContainer container, CtrTask? task) =>
        IsMonitored(container.Labels)
        && task is null or { Status: CtrStatus.Stopped }
        && container.RestartPolicy switch
        {
            null => false,
            // A task that is gone has no exit code, which the monitor takes for 0.
            { Mode: CtrRestartMode.OnFailure } policy => task?.ExitCode is not (null or 0)
                && (policy.MaxRetries is not int most || container.RestartCount < most),
            _ => true,
        };
}

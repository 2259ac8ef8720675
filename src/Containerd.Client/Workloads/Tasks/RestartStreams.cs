using Containerd.Client.Records;
using Containerd.Client.Workloads.Logs;

namespace Containerd.Client.Workloads.Tasks;

/// <summary>
/// The streams of containers with a restart policy. containerd's restart monitor creates tasks without input, with one logger for all of
/// their output: the helper program, which counts the starts.
/// </summary>
internal static class RestartStreams
{
    /// <summary>Whether a container has a policy and its restarts use this client's logger.</summary>
    internal static bool AreOurs(CtrContainer container) =>
        container.RestartPolicy is not null
        && container.Labels.ContainsKey(ContainerLabels.RestartPolicy)
        && (!container.Labels.TryGetValue(ContainerLabels.RestartLogUri, out var uri) || LogHelper.OptionsOf(uri) is not null);

    /// <summary>The options for the start of a container, so that the restart monitor can continue its log.</summary>
    /// <exception cref="CtrNotSupportedException">The monitor cannot create such streams again (RestartNotSupported).</exception>
    internal static TaskStartOptions Of(CtrContainer container, TaskStartOptions start)
    {
        if (!AreOurs(container))
            return start;
        if (start.WithStdin)
            throw RestartErrors.NotSupported(
                container.RestartPolicy!,
                container.ContainerId,
                "containerd's restart monitor starts tasks without a standard input",
                "Stdin",
                "Start it without a standard input, or set its restart policy to no."
            );
        if (start.LogPath is not null || start.LogFormat == CtrLogFormat.Plain)
            throw RestartErrors.NotSupported(
                container.RestartPolicy!,
                container.ContainerId,
                "containerd's restart monitor cannot write to plain files",
                "Log",
                "Use the default, a timestamped log, or start it without a log; or set its restart policy to no."
            );
        return start.NoLog ? start : start with { LogFormat = CtrLogFormat.Timestamped, EachStart = true };
    }

    /// <summary>The logger of the starts to come, after a start with an output.</summary>
    /// <param name="logs">The logs of the namespace.</param>
    /// <param name="container">The container.</param>
    /// <param name="stdout">The standard output of its task.</param>
    /// <returns>The URI; empty for none, null for a container whose logger another client has set.</returns>
    internal static string? LogUri(TaskLogs logs, CtrContainer container, string stdout)
    {
        if (!AreOurs(container))
            return null;
        var written = LogHelper.OptionsOf(stdout);
        if (written is { EachStart: true })
            return stdout;
        // Over SSH, the helper program cannot be installed.
        if (stdout is "" or StreamAddress.Nowhere || !logs.AreLocal)
            return "";
        var sizes = written is { MaxSize: > 0 }
            ? new TaskStartOptions { LogMaxSize = written.MaxSize, LogMaxFiles = written.MaxFiles }
            : new TaskStartOptions();
        return logs.Preparation.ForRestarts(container, sizes, TaskLaunch.HasTerminal(container));
    }
}

namespace Containerd.Client.Records;

/// <summary>The container labels that this client reads and writes.</summary>
internal static class ContainerLabels
{
    /// <summary>The prefix of this client's labels. Images, checkpoints and callers cannot set them.</summary>
    internal const string OwnPrefix = "containerd-powershell/";

    /// <summary>The stop signal of the image, in the label that containerd's own tools use too.</summary>
    internal const string StopSignal = "io.containerd.image.config.stop-signal";

    /// <summary>The exit of the last task, which containerd does not keep after the task is deleted.</summary>
    internal const string LastExit = OwnPrefix + "last-exit";

    /// <summary>The id of the checkpoint that a container was created from.</summary>
    internal const string RestoredFrom = OwnPrefix + "restored-from";

    /// <summary>What containerd's restart monitor keeps the task at: <c>running</c> or <c>stopped</c>.</summary>
    internal const string RestartStatus = "containerd.io/restart.status";

    /// <summary>When the restart monitor starts a task again, such as <c>always</c> or <c>on-failure:3</c>.</summary>
    internal const string RestartPolicy = "containerd.io/restart.policy";

    /// <summary>How many times the restart monitor has started it.</summary>
    internal const string RestartCount = "containerd.io/restart.count";

    /// <summary>The logger of a task that the restart monitor starts, as a URI; without it, the output is discarded.</summary>
    internal const string RestartLogUri = "containerd.io/restart.loguri";

    /// <summary><c>true</c> for a container that a client stopped, and that the restart monitor is not to start.</summary>
    internal const string ExplicitlyStopped = "containerd.io/restart.explicitly-stopped";

    /// <summary>The name of the container, in the label that nerdctl uses too.</summary>
    internal const string Name = "nerdctl/name";

    /// <summary>The name in a container's labels; null for none.</summary>
    internal static string? NameOf(IDictionary<string, string> labels) =>
        labels.TryGetValue(Name, out var name) && name.Length > 0 ? name : null;
}

namespace Containerd.Client.Records;

/// <summary>The container labels that this client reads and writes.</summary>
internal static class ContainerLabels
{
    /// <summary>What the labels of this client begin with. No image, checkpoint or caller sets one.</summary>
    internal const string OwnPrefix = "containerd-powershell/";

    /// <summary>The image's stop signal, where containerd's own tools keep it too.</summary>
    internal const string StopSignal = "io.containerd.image.config.stop-signal";

    /// <summary>How the last task ended: containerd forgets it with the task.</summary>
    internal const string LastExit = OwnPrefix + "last-exit";

    /// <summary>The id of the checkpoint that a container was made from.</summary>
    internal const string RestoredFrom = OwnPrefix + "restored-from";

    /// <summary>The container's name, where nerdctl keeps it too.</summary>
    internal const string Name = "nerdctl/name";

    /// <summary>The name in a container's labels; null for none.</summary>
    internal static string? NameOf(IDictionary<string, string> labels) =>
        labels.TryGetValue(Name, out var name) && name.Length > 0 ? name : null;
}

namespace Containerd.Client;

/// <summary>The options for the removal of a container.</summary>
public sealed record ContainerRemoveOptions
{
    /// <summary>Whether a running task is killed first.</summary>
    public bool Force { get; init; }

    /// <summary>Whether the anonymous volumes that were created for it are removed, unless other containers use them.</summary>
    public bool RemoveVolumes { get; init; }
}

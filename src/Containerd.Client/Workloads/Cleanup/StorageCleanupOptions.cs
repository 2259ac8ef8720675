namespace Containerd.Client;

/// <summary>The unused objects to remove.</summary>
public sealed record StorageCleanupOptions
{
    /// <summary>Whether anonymous volumes that no container mounts are removed too.</summary>
    public bool Volumes { get; init; }

    /// <summary>
    /// The minimum age; null for none. It counts from the last exit of a container, or its creation; from the creation of a volume; from
    /// the last change of an image's name and of a network's configuration; and from the last byte of an unfinished write.
    /// </summary>
    public TimeSpan? OlderThan { get; init; }
}

namespace Containerd.Client;

/// <summary>What happened to an object that was to be removed.</summary>
public enum StorageCleanupOutcome
{
    /// <summary>It was removed.</summary>
    Removed,

    /// <summary>It is in use now, or another client has removed it.</summary>
    Kept,

    /// <summary>Its removal failed.</summary>
    Failed,
}

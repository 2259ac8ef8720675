namespace Containerd;

/// <summary>What became of a plugin when the daemon started.</summary>
public enum CtrPluginState
{
    /// <summary>It works.</summary>
    Loaded,

    /// <summary>It found that it is not meant for this host or configuration, which is no failure.</summary>
    Skipped,

    /// <summary>It could not start.</summary>
    Failed,
}

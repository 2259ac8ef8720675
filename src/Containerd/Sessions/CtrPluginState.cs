namespace Containerd;

/// <summary>The state of a plugin since the start of the daemon.</summary>
public enum CtrPluginState
{
    /// <summary>It is working.</summary>
    Loaded,

    /// <summary>It does not apply to this host or configuration, which is not a failure.</summary>
    Skipped,

    /// <summary>It failed to start.</summary>
    Failed,
}

namespace Containerd.Client.Transport;

/// <summary>The party that does not answer.</summary>
internal enum SilentParty
{
    /// <summary>The daemon does not answer any call, not even a version query.</summary>
    Daemon,

    /// <summary>
    /// The daemon answers other calls, but not this one. For a task, the silent party is its shim, or the runtime that the shim runs.
    /// </summary>
    Behind,

    /// <summary>The ssh connection to the daemon's host is silent.</summary>
    Ssh,
}

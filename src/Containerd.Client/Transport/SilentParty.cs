namespace Containerd.Client.Transport;

/// <summary>Who does not answer.</summary>
internal enum SilentParty
{
    /// <summary>The daemon does not answer anything, not even a question about its version.</summary>
    Daemon,

    /// <summary>
    /// The daemon answers other questions, but not this one. For a task that is its shim, or the runtime that the shim runs.
    /// </summary>
    Behind,

    /// <summary>The ssh connection to the daemon's host is silent.</summary>
    Ssh,
}

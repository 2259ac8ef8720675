namespace Containerd;

/// <summary>Who talks to a registry.</summary>
public enum CtrTransferMethod
{
    /// <summary>This module, on this machine: every option, and a pull that was given up is gone on with.</summary>
    Client,

    /// <summary>The daemon, with its transfer service (containerd 1.7 and later): its network, its host's files.</summary>
    Daemon,
}

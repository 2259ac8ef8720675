namespace Containerd;

/// <summary>The program that communicates with a registry.</summary>
public enum CtrTransferMethod
{
    /// <summary>This module, on this machine: all options are available, and an interrupted pull resumes where it stopped.</summary>
    Client,

    /// <summary>The daemon, with its transfer service (containerd 1.7 and later): it uses the network and the files of its host.</summary>
    Daemon,
}

namespace Containerd;

/// <summary>Which program of the host manages the cgroup of a container.</summary>
public enum CtrCgroupDriver
{
    /// <summary>The runtime itself, as a directory of the cgroup file system.</summary>
    Cgroupfs,

    /// <summary>systemd, as a scope in a slice.</summary>
    Systemd,
}

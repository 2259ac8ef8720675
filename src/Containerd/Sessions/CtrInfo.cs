namespace Containerd;

/// <summary>Information about a daemon, its host and its components (introspection.v1 Server and Plugins).</summary>
[PipelineObject(
    nameof(Address),
    nameof(Version),
    nameof(Revision),
    nameof(Uuid),
    nameof(Pid),
    nameof(CgroupVersion),
    nameof(CgroupDriver),
    nameof(Platform),
    nameof(Snapshotters),
    nameof(Services),
    nameof(FailedPlugins),
    nameof(NetworkPlugins),
    nameof(Deprecations),
    nameof(Session)
)]
public sealed class CtrInfo
{
    /// <summary>The address at which it listens.</summary>
    public string Address { get; set; } = "";

    /// <summary>Its version.</summary>
    public string Version { get; set; } = "";

    /// <summary>The source revision that it was built from.</summary>
    public string Revision { get; set; } = "";

    /// <summary>Its identity, which is kept over restarts.</summary>
    public string Uuid { get; set; } = "";

    /// <summary>Its process id on this machine; null if it runs on another machine.</summary>
    public int? Pid { get; set; }

    /// <summary>The cgroup version of its host, 1 or 2; null if it is not known.</summary>
    public int? CgroupVersion { get; set; }

    /// <summary>
    /// The cgroup driver of containers that are created without specifying one; null if the daemon is neither on this machine nor on an SSH
    /// host.
    /// </summary>
    public CtrCgroupDriver? CgroupDriver { get; set; }

    /// <summary>Its platform, such as <c>linux/amd64</c>.</summary>
    public string Platform { get; set; } = "";

    /// <summary>The available snapshotters.</summary>
    public string[] Snapshotters { get; set; } = [];

    /// <summary>The available API services.</summary>
    public string[] Services { get; set; } = [];

    /// <summary>The plugins that did not start, by type and id.</summary>
    public string[] FailedPlugins { get; set; } = [];

    /// <summary>
    /// The CNI plugins that are installed on this machine, which networks require; empty if there are none, or if the daemon runs on
    /// another machine.
    /// </summary>
    public string[] NetworkPlugins { get; set; } = [];

    /// <summary>Features in use that a later version of containerd removes; reported by containerd 1.7 and later.</summary>
    public CtrDeprecation[] Deprecations { get; set; } = [];

    /// <summary>The session that was queried.</summary>
    public CtrSession? Session { get; set; }

    /// <summary>The daemon's address and version.</summary>
    /// <returns>Both, separated by a space.</returns>
    public override string ToString() => $"{Address} {Version}";
}

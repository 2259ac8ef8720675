namespace Containerd.Client;

/// <summary>
/// Options for a container in addition to its image. For null or empty options, the image or else the defaults of <see cref="SpecBuilder"/>
/// are used.
/// </summary>
public sealed record SpecOptions
{
    /// <summary>The command: the arguments of the image's entrypoint, instead of those in the image.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>
    /// A program that replaces the image's entrypoint; the image's command is not used then. An empty list, or one empty string, means no
    /// entrypoint.
    /// </summary>
    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>Environment variables as <c>NAME=value</c>; <c>NAME</c> alone removes the image's variable.</summary>
    public IReadOnlyList<string>? Env { get; init; }

    /// <summary>The working directory, an absolute path in the container.</summary>
    public string? Cwd { get; init; }

    /// <summary>The user: a name or number, optionally with the name or number of a group after a colon.</summary>
    public string? User { get; init; }

    /// <summary>Supplementary groups, by name or number.</summary>
    public IReadOnlyList<string>? AdditionalGroups { get; init; }

    /// <summary>The host name; null for the container's id.</summary>
    public string? Hostname { get; init; }

    /// <summary>
    /// The path of the root filesystem on the host, for a container without a snapshot; null for the one that containerd mounts.
    /// </summary>
    public string? RootfsPath { get; init; }

    /// <summary>The limits; null means unlimited.</summary>
    public ResourceOptions Limits { get; init; } = new();

    /// <summary>The mounts; a mount at the target of a default mount replaces it.</summary>
    public IReadOnlyList<CtrMount>? Mounts { get; init; }

    /// <summary>Capabilities in addition to the default ones; <c>ALL</c> for all.</summary>
    public IReadOnlyList<string>? CapAdd { get; init; }

    /// <summary>Capabilities to remove; <c>ALL</c> for all except the added ones.</summary>
    public IReadOnlyList<string>? CapDrop { get; init; }

    /// <summary>Whether the root filesystem is read-only.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Whether the process has a terminal.</summary>
    public bool Tty { get; init; }

    /// <summary>The initial size of the terminal; null if it is set later.</summary>
    public CtrSpecBox? ConsoleSize { get; init; }

    /// <summary>Whether it has all privileges of root on the host: all capabilities and devices, no masked paths, no seccomp.</summary>
    public bool Privileged { get; init; }

    /// <summary>Devices of the host.</summary>
    public IReadOnlyList<CtrDevice>? Devices { get; init; }

    /// <summary>
    /// The seccomp profile: the JSON of a profile, <c>unconfined</c> for none, or <c>default</c> for the default one; null means the
    /// default one, and none for a privileged container.
    /// </summary>
    public string? SeccompProfile { get; init; }

    /// <summary>The AppArmor profile, which must be loaded on the host; null for none.</summary>
    public string? AppArmorProfile { get; init; }

    /// <summary>Whether processes cannot gain privileges; null means true, and false for a privileged container.</summary>
    public bool? NoNewPrivileges { get; init; }

    /// <summary>Resource limits of the process; the default is nofile=1024.</summary>
    public IReadOnlyList<CtrUlimit>? Ulimits { get; init; }

    /// <summary>
    /// The parent cgroup of the container's cgroup: a path such as <c>/a/b</c>, or a systemd slice such as <c>system.slice</c>,
    /// <c>a.slice:prefix</c> or <c>a.slice:prefix:name</c>.
    /// </summary>
    public string? CgroupParent { get; init; }

    /// <summary>
    /// The cgroup driver; null for that of the notation of <see cref="CgroupParent"/>. Without a parent, the default is systemd if the
    /// daemon's host is this machine, has cgroup v2 and runs systemd, and cgroupfs otherwise.
    /// </summary>
    public CtrCgroupDriver? CgroupDriver { get; init; }

    /// <summary>Annotations.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>Kernel parameters of the container's namespaces.</summary>
    public IReadOnlyDictionary<string, string>? Sysctls { get; init; }

    /// <summary>How likely the kernel is to kill it when memory runs out, -1000 to 1000.</summary>
    public int? OomScoreAdj { get; init; }

    /// <summary>The size of <c>/dev/shm</c>; null for 64 MiB.</summary>
    public CtrSize? ShmSize { get; init; }

    /// <summary>
    /// The user ids of the container's user namespace; null for those of <see cref="GidMap"/>, without both, the container uses the ids of
    /// the host.
    /// </summary>
    public IReadOnlyList<CtrIdMapping>? UidMap { get; init; }

    /// <summary>The group ids of the container's user namespace; null for those of <see cref="UidMap"/>.</summary>
    public IReadOnlyList<CtrIdMapping>? GidMap { get; init; }

    /// <summary>Whether it uses the host's network; otherwise it has its own network namespace with only a loopback interface.</summary>
    public bool HostNetwork { get; init; }

    /// <summary>Whether it uses the host's PID namespace.</summary>
    public bool HostPid { get; init; }

    /// <summary>Whether it shares the host's System V IPC and POSIX message queues.</summary>
    public bool HostIpc { get; init; }
}

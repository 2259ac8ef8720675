namespace Containerd;

/// <summary>
/// The settings of a container, from its spec, and the data that other services of the daemon have about it: its task, its image and its
/// output.
/// </summary>
[PipelineObject(nameof(Pid), nameof(User), nameof(WorkingDirectory), nameof(Hostname), nameof(Mounts), Depth = 6)]
public sealed class CtrContainerDetails
{
    /// <summary>Its task (Tasks.Get); null for none.</summary>
    public CtrTask? Task { get; set; }

    /// <summary>The process id of its task on the daemon's host; null if it does not run.</summary>
    public int? Pid { get; set; }

    /// <summary>The digest that the name of its image refers to now (Images.Get); empty if there is no such image.</summary>
    public string ImageDigest { get; set; } = "";

    /// <summary>The user and the group of its process, as numbers, or the user's name on Windows.</summary>
    public string User { get; set; } = "";

    /// <summary>The working directory of its process.</summary>
    public string WorkingDirectory { get; set; } = "";

    /// <summary>The environment variables of its process.</summary>
    public CtrMap Environment { get; set; } = [];

    /// <summary>Whether its process has a terminal.</summary>
    public bool Terminal { get; set; }

    /// <summary>Its host name; empty for that of the host.</summary>
    public string Hostname { get; set; } = "";

    /// <summary>The signal that stops it, if its image names one; empty for SIGTERM.</summary>
    public string StopSignal { get; set; } = "";

    /// <summary>The mounts that were requested for it.</summary>
    public CtrContainerMount[] Mounts { get; set; } = [];

    /// <summary>Whether its root file system is read-only.</summary>
    public bool ReadOnly { get; set; }

    /// <summary>The limit of its memory, in bytes; null for none.</summary>
    public long? MemoryLimit { get; set; }

    /// <summary>The limit of its processor time, in processors; null for none.</summary>
    public double? Cpu { get; set; }

    /// <summary>Its share of the processor time under load (the cgroup setting cpu.shares); null for the default.</summary>
    public long? CpuShares { get; set; }

    /// <summary>The processors that it may use, such as <c>0-3</c>; empty for all.</summary>
    public string CpusetCpus { get; set; } = "";

    /// <summary>The limit of its processes and threads; null for none.</summary>
    public long? PidsLimit { get; set; }

    /// <summary>The cgroup that the spec names (config-linux.md, Control groups).</summary>
    public string CgroupsPath { get; set; } = "";

    /// <summary>The capabilities that its processes can have (the bounding set).</summary>
    public string[] Capabilities { get; set; } = [];

    /// <summary>Whether its processes are kept from gaining privileges, for example by a setuid program.</summary>
    public bool NoNewPrivileges { get; set; }

    /// <summary>Whether a seccomp profile restricts its system calls.</summary>
    public bool Seccomp { get; set; }

    /// <summary>Its AppArmor profile; empty for none.</summary>
    public string ApparmorProfile { get; set; } = "";

    /// <summary>
    /// The namespaces of the kernel that it has, by type: <c>private</c>, or the path of the namespace that it joins. One that is not
    /// listed is the host's.
    /// </summary>
    public CtrMap Namespaces { get; set; } = [];

    /// <summary>The devices of the host that it can open, beyond those that every container has.</summary>
    public CtrSpecDevice[] Devices { get; set; } = [];

    /// <summary>The limits of its process (setrlimit).</summary>
    public CtrSpecRlimit[] Ulimits { get; set; } = [];

    /// <summary>The kernel parameters of its namespaces.</summary>
    public CtrMap Sysctls { get; set; } = [];

    /// <summary>The annotations of its spec.</summary>
    public CtrMap Annotations { get; set; } = [];

    /// <summary>
    /// The files that contain the output of its last start; empty if the output is not kept, and over a session to another host.
    /// </summary>
    public string[] LogPath { get; set; } = [];

    /// <summary>The process id of its task, or that it does not run.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => Pid is { } pid ? $"pid {pid}" : "not running";
}

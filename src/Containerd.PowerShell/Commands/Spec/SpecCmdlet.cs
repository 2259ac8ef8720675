using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>What New-CtrSpec, New-CtrContainer and Invoke-CtrContainer share: the parameters that shape a container's spec.</summary>
public abstract class SpecCmdlet : SessionCmdlet, ILimitParameters
{
    /// <summary>The image: its root file system, and what its configuration says of command, environment, user and so on.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    public virtual string? Image { get; set; }

    /// <summary>The image's platform, such as linux/arm64; without it the daemon's.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Platform { get; set; }

    /// <summary>
    /// A directory of the daemon's host as the root file system, in the place of an image. It is used as it is, not copied.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Rootfs { get; set; }

    /// <summary>The command in the place of the image's; the image's entrypoint stays in front of it.</summary>
    [Parameter(ValueFromRemainingArguments = true)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object?[] Command { get; set; } = [];

    /// <summary>A program in the place of the image's entrypoint; an empty string for none.</summary>
    [Parameter]
    [AllowEmptyString]
    public string[]? Entrypoint { get; set; }

    /// <summary>Environment variables: hashtables, or NAME=value texts. NAME alone takes the image's variable away.</summary>
    [Parameter]
    public object[]? Env { get; set; }

    /// <summary>The working directory in the container.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? WorkingDirectory { get; set; }

    /// <summary>The user: a name or number of the container, with a group after a colon where it is not the user's own.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? User { get; set; }

    /// <summary>Further groups of the user, by name or number.</summary>
    [Parameter]
    public string[]? Group { get; set; }

    /// <summary>The host name; without it the container's id.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Hostname { get; set; }

    /// <summary>The most memory: 512m, 1g, or bytes.</summary>
    [Parameter]
    [SingleValue("1.5g")]
    public CtrSize Memory { get; set; }

    /// <summary>The most memory and swap together; -1 for no limit of swap.</summary>
    [Parameter]
    [SingleValue("1.5g")]
    public CtrSize MemorySwap { get; set; }

    /// <summary>What the container is pushed back to when the host runs short of memory.</summary>
    [Parameter]
    [SingleValue("1.5g")]
    public CtrSize MemoryReservation { get; set; }

    /// <summary>How many processors' time it may use, such as 1.5; at most as many as the daemon's host has, or -1 for no limit.</summary>
    [Parameter]
    [ProcessorsTransformation]
    public decimal? Cpu { get; set; }

    /// <summary>Its weight against others when processors are short; 1024 is the usual one.</summary>
    [Parameter]
    public long? CpuShares { get; set; }

    /// <summary>
    /// How long it may run in each period, in microseconds over all processors; -1 for no limit. -Cpu says the same in processors.
    /// </summary>
    [Parameter]
    public long? CpuQuota { get; set; }

    /// <summary>The length of a period, in microseconds; 100000 is the usual one.</summary>
    [Parameter]
    public long? CpuPeriod { get; set; }

    /// <summary>The processors that it may run on, such as 0-3,8, with or without quotes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? CpusetCpus { get; set; }

    /// <summary>The memory nodes that it may use, such as 0.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? CpusetMems { get; set; }

    /// <summary>The most processes and threads; 0 or -1 for no limit.</summary>
    [Parameter]
    public long? PidsLimit { get; set; }

    /// <summary>Its weight against others at block devices, 10 to 1000.</summary>
    [Parameter]
    public int? BlkioWeight { get; set; }

    /// <summary>What is mounted: /host:/container:ro, type=tmpfs,dst=/tmp,size=64m, or CtrMount objects.</summary>
    [Parameter]
    public CtrMount[]? Mount { get; set; }

    /// <summary>Capabilities on top of the default ones; ALL for every one.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string[]? CapAdd { get; set; }

    /// <summary>Capabilities to take away; ALL for every one.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string[]? CapDrop { get; set; }

    /// <summary>The root file system can only be read.</summary>
    [Parameter]
    public SwitchParameter ReadOnly { get; set; }

    /// <summary>The process gets a terminal.</summary>
    [Parameter]
    public SwitchParameter Tty { get; set; }

    /// <summary>
    /// Specifies the width of the terminal, in columns, for a terminal that is not this console. The default is 80 if you specify -Height.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? Width { get; set; }

    /// <summary>
    /// Specifies the height of the terminal, in rows, for a terminal that is not this console. The default is 24 if you specify -Width.
    /// </summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? Height { get; set; }

    /// <summary>It may do whatever root may on the host.</summary>
    [Parameter]
    public SwitchParameter Privileged { get; set; }

    /// <summary>Devices of the host: /dev/fuse, /dev/sda:/dev/disk:r.</summary>
    [Parameter]
    public CtrDevice[]? Device { get; set; }

    /// <summary>The seccomp profile: a file with one, 'unconfined' for none, 'default' for the module's own.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SeccompCompleter))]
    [ValidateNotNullOrEmpty]
    public string? SeccompProfile { get; set; }

    /// <summary>An AppArmor profile that is loaded on the host.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? AppArmorProfile { get; set; }

    /// <summary>Lets processes gain privileges, as setuid programs do (sudo, ping).</summary>
    [Parameter]
    public SwitchParameter AllowNewPrivileges { get; set; }

    /// <summary>Resource limits: nofile=1024:2048, core=unlimited.</summary>
    [Parameter]
    public CtrUlimit[]? Ulimit { get; set; }

    /// <summary>The cgroup to put the container's below: /a/b, or in systemd's form system.slice or system.slice:prefix:name.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CgroupParent { get; set; }

    /// <summary>Specifies OCI annotations. Give a hashtable, or texts such as key=value.</summary>
    [Parameter]
    public CtrKeyValues[]? Annotation { get; set; }

    /// <summary>
    /// Specifies kernel parameters of the container's own namespaces. Give a hashtable, or texts such as net.ipv4.ip_forward=1.
    /// </summary>
    [Parameter]
    public CtrKeyValues[]? Sysctl { get; set; }

    /// <summary>How likely the kernel is to kill it when memory runs out, -1000 to 1000.</summary>
    [Parameter]
    [ValidateRange(-1000, 1000)]
    public int? OomScoreAdj { get; set; }

    /// <summary>The size of /dev/shm: 64m, 1GiB, or bytes; 64 MiB without it.</summary>
    [Parameter]
    [SingleValue("1.5g")]
    public CtrSize ShmSize { get; set; }

    /// <summary>
    /// Specifies which user ids of the host stand for the container's, as container:host:count, such as 0:100000:65536: the container's
    /// root is then the user 100000 of the host. The container gets a user
    /// namespace, and its root file system belongs to the mapped ids. If you specify only one of -UidMap and -GidMap, it is used for both.
    /// </summary>
    [Parameter]
    public CtrIdMapping[]? UidMap { get; set; }

    /// <summary>
    /// Specifies which group ids of the host stand for the container's, as container:host:count. By default, the ranges of -UidMap are
    /// used.
    /// </summary>
    [Parameter]
    public CtrIdMapping[]? GidMap { get; set; }

    /// <summary>
    /// Shares the host's network. Without it, the container has a network of its own with nothing but a loopback interface.
    /// </summary>
    [Parameter]
    public SwitchParameter HostNetwork { get; set; }

    /// <summary>Sees the host's processes.</summary>
    [Parameter]
    public SwitchParameter HostPid { get; set; }

    /// <summary>Shares the host's System V IPC and POSIX message queues.</summary>
    [Parameter]
    public SwitchParameter HostIpc { get; set; }

    CtrSize? ILimitParameters.Memory => this.IfGiven(Memory);

    CtrSize? ILimitParameters.MemorySwap => this.IfGiven(MemorySwap);

    CtrSize? ILimitParameters.MemoryReservation => this.IfGiven(MemoryReservation);

    /// <summary>Whether the terminal is this console, which has a size of its own.</summary>
    private protected virtual bool UsesConsole => false;

    /// <summary>The words of the command.</summary>
    private protected virtual IReadOnlyList<object?> Words => Command;

    /// <summary>What the parameters say, as the client takes it.</summary>
    private protected SpecOptions SpecOptions() =>
        new()
        {
            Command = Words.Count > 0 ? CommandLine.FromWords(Words, this) : null,
            Entrypoint = Entrypoint,
            Env = EnvironmentArgument.Read(Env),
            Cwd = WorkingDirectory,
            User = User,
            AdditionalGroups = Group,
            Hostname = Hostname,
            Limits = ((ILimitParameters)this).Limits(),
            Mounts = Mount?.Select(WithFullSource).ToList(),
            CapAdd = CapAdd,
            CapDrop = CapDrop,
            ReadOnly = ReadOnly,
            Tty = Tty,
            ConsoleSize = TerminalSize.Read(Width, Height, Tty, UsesConsole),
            Privileged = Privileged,
            Devices = Device,
            SeccompProfile = SeccompProfile is null or "default" or "unconfined" ? SeccompProfile : ReadFile(SeccompProfile),
            AppArmorProfile = AppArmorProfile,
            NoNewPrivileges = MyInvocation.BoundParameters.ContainsKey(nameof(AllowNewPrivileges)) ? !AllowNewPrivileges : null,
            Ulimits = Ulimit,
            CgroupParent = CgroupParent,
            Annotations = Annotation is null ? null : StringMap.From(Annotation),
            Sysctls = Sysctl is null ? null : StringMap.From(Sysctl),
            OomScoreAdj = OomScoreAdj,
            ShmSize = this.IfGiven(ShmSize),
            UidMap = UidMap,
            GidMap = GidMap,
            HostNetwork = HostNetwork,
            HostPid = HostPid,
            HostIpc = HostIpc,
        };

    /// <summary>A bind mount's source as the daemon sees it: ~ and relative paths are the caller's.</summary>
    private CtrMount WithFullSource(CtrMount mount) =>
        mount.Type != "bind" || mount.Source.StartsWith('/')
            ? mount
            : new CtrMount
            {
                Type = mount.Type,
                Source = ResolvePath(mount.Source),
                Target = mount.Target,
                Options = mount.Options,
                ReadOnly = mount.ReadOnly,
            };

    /// <summary>The text of a file that a parameter names.</summary>
    private protected string ReadFile(string path)
    {
        var full = ResolvePath(path);
        try
        {
            return File.ReadAllText(full);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CtrNotFoundException($"The file '{full}' cannot be read: {e.Message}", e)
            {
                ErrorId = ErrorIds.FileNotReadable,
                Subject = full,
                Remedy = "Name a file that is there and that you may read; a relative path starts at the current location.",
            };
        }
    }
}

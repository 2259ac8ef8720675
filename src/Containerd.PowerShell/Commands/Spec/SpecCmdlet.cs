using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>The base of New-CtrSpec, New-CtrContainer and Invoke-CtrContainer: the parameters for a container's spec.</summary>
public abstract class SpecCmdlet : SessionCmdlet, ILimitParameters
{
    /// <summary>
    /// Specifies the image, by full or short name. It provides the root file system and the defaults for the command, the environment, the
    /// user and other settings.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(ImageCompleter))]
    [ValidateNotNullOrEmpty]
    public virtual string? Image { get; set; }

    /// <summary>Specifies the platform of the image, such as linux/arm64. The default is the daemon's platform.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(PlatformCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Platform { get; set; }

    /// <summary>
    /// Specifies a directory of the daemon's host that is used as the root file system, instead of an image. The directory is used
    /// directly, not copied.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Rootfs { get; set; }

    /// <summary>
    /// Specifies the command and its arguments. They replace the image's command; the image's entrypoint still precedes them.
    /// </summary>
    [Parameter(ValueFromRemainingArguments = true)]
    [AllowNull]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object?[] Command { get; set; } = [];

    /// <summary>Specifies a program that replaces the image's entrypoint. An empty string means no entrypoint.</summary>
    [Parameter]
    [AllowEmptyString]
    public string[]? Entrypoint { get; set; }

    /// <summary>
    /// Specifies environment variables as hashtables or NAME=value strings. NAME alone removes the variable that the image sets.
    /// </summary>
    [Parameter]
    public object[]? Env { get; set; }

    /// <summary>Specifies the working directory in the container. The default is that of the image.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? WorkingDirectory { get; set; }

    /// <summary>
    /// Specifies the user by name or number, optionally with a group, as user:group. By default, the image's user is used, with the user's
    /// own group.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? User { get; set; }

    /// <summary>Specifies supplementary groups of the user, by name or number.</summary>
    [Parameter]
    public string[]? Group { get; set; }

    /// <summary>Specifies the host name. The default is the container's id.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Hostname { get; set; }

    /// <summary>Specifies the memory limit: 512m, 1g, or a number of bytes.</summary>
    [Parameter]
    [SingleValue("1.5g")]
    public CtrSize Memory { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [SingleValue("1.5g")]
    public CtrSize MemorySwap { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [SingleValue("1.5g")]
    public CtrSize MemoryReservation { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [ProcessorsTransformation]
    public decimal? Cpu { get; set; }

    /// <inheritdoc/>
    [Parameter]
    public long? CpuShares { get; set; }

    /// <summary>
    /// Specifies the processor time that the container may use in each period, in microseconds over all processors; -1 means no limit. -Cpu
    /// sets the same limit in processors.
    /// </summary>
    [Parameter]
    public long? CpuQuota { get; set; }

    /// <inheritdoc/>
    [Parameter]
    public long? CpuPeriod { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? CpusetCpus { get; set; }

    /// <inheritdoc/>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? CpusetMems { get; set; }

    /// <inheritdoc/>
    [Parameter]
    public long? PidsLimit { get; set; }

    /// <inheritdoc/>
    [Parameter]
    public int? BlkioWeight { get; set; }

    /// <summary>
    /// Specifies mounts, as /host:/container:ro, type=tmpfs,dst=/tmp,tmpfs-size=64m, type=volume,source=data,target=/data,
    /// type=image,source=tools,target=/tools, or CtrMount objects. Put texts with commas in quotation marks.
    /// </summary>
    [Parameter]
    public CtrMount[]? Mount { get; set; }

    /// <summary>Specifies capabilities to add to the default ones. ALL adds all capabilities.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string[]? CapAdd { get; set; }

    /// <summary>Specifies capabilities to remove. ALL removes all capabilities.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(CapabilityCompleter))]
    public string[]? CapDrop { get; set; }

    /// <summary>Indicates that the root file system is read-only.</summary>
    [Parameter]
    public SwitchParameter ReadOnly { get; set; }

    /// <summary>Indicates that the process has a terminal.</summary>
    [Parameter]
    public SwitchParameter Tty { get; set; }

    /// <inheritdoc cref="InvokeCtrExecCommand.Width"/>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? Width { get; set; }

    /// <inheritdoc cref="InvokeCtrExecCommand.Height"/>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? Height { get; set; }

    /// <summary>Indicates that the container has all privileges that root has on the host.</summary>
    [Parameter]
    public SwitchParameter Privileged { get; set; }

    /// <summary>Specifies devices of the host to add, such as /dev/fuse or /dev/sda:/dev/disk:r.</summary>
    [Parameter]
    public CtrDevice[]? Device { get; set; }

    /// <summary>
    /// Specifies the seccomp profile: the path of a profile file, 'unconfined' for no profile, or 'default' for the module's own.
    /// </summary>
    [Parameter]
    [ArgumentCompleter(typeof(SeccompCompleter))]
    [ValidateNotNullOrEmpty]
    public string? SeccompProfile { get; set; }

    /// <summary>Specifies an AppArmor profile, which must be loaded on the host.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? AppArmorProfile { get; set; }

    /// <summary>Indicates that processes can gain privileges, which setuid programs such as sudo and ping require.</summary>
    [Parameter]
    public SwitchParameter AllowNewPrivileges { get; set; }

    /// <summary>Specifies resource limits of processes, such as nofile=1024:2048 or core=unlimited.</summary>
    [Parameter]
    public CtrUlimit[]? Ulimit { get; set; }

    /// <summary>
    /// Specifies the parent cgroup of the container's cgroup: /a/b, or in systemd's notation system.slice or system.slice:prefix:name.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CgroupParent { get; set; }

    /// <summary>
    /// Specifies the cgroup driver: Systemd (the container's cgroup is a scope of systemd) or Cgroupfs (a directory that the runtime
    /// creates). By default, the form of -CgroupParent decides. Without it, the default is Systemd if the daemon is on this machine, which
    /// has cgroup v2 and runs systemd, and Cgroupfs otherwise.
    /// </summary>
    [Parameter]
    public CtrCgroupDriver? CgroupDriver { get; set; }

    /// <summary>Specifies OCI annotations. Specify a hashtable, or strings such as key=value.</summary>
    [Parameter]
    public CtrKeyValues[]? Annotation { get; set; }

    /// <summary>
    /// Specifies kernel parameters of the container's own namespaces. Specify a hashtable, or strings such as net.ipv4.ip_forward=1.
    /// </summary>
    [Parameter]
    public CtrKeyValues[]? Sysctl { get; set; }

    /// <summary>
    /// Specifies how likely the kernel is to kill the container's processes when memory runs out, from -1000 (never) to 1000.
    /// </summary>
    [Parameter]
    [ValidateRange(-1000, 1000)]
    public int? OomScoreAdj { get; set; }

    /// <summary>Specifies the size of /dev/shm: 64m, 1GiB, or a number of bytes. The default is 64 MiB.</summary>
    [Parameter]
    [SingleValue("1.5g")]
    public CtrSize ShmSize { get; set; }

    /// <summary>
    /// Specifies how user ids of the container map to user ids of the host, as container:host:count, such as 0:100000:65536: root in the
    /// container is then user 100000 on the host. The container gets a user namespace, and the mapped ids own its root file system. If you
    /// specify only one of -UidMap and -GidMap, it is used for both.
    /// </summary>
    [Parameter]
    public CtrIdMapping[]? UidMap { get; set; }

    /// <summary>
    /// Specifies how group ids of the container map to group ids of the host, as container:host:count. By default, the ranges of -UidMap
    /// are used.
    /// </summary>
    [Parameter]
    public CtrIdMapping[]? GidMap { get; set; }

    /// <summary>
    /// Indicates that the container uses the host's network. By default, the container has its own network namespace, with only a loopback
    /// interface.
    /// </summary>
    [Parameter]
    public SwitchParameter HostNetwork { get; set; }

    /// <summary>Indicates that the container uses the host's PID namespace, so that it sees all processes of the host.</summary>
    [Parameter]
    public SwitchParameter HostPid { get; set; }

    /// <summary>Indicates that the container shares the host's System V IPC objects and POSIX message queues.</summary>
    [Parameter]
    public SwitchParameter HostIpc { get; set; }

    CtrSize? ILimitParameters.Memory => this.IfGiven(Memory);

    CtrSize? ILimitParameters.MemorySwap => this.IfGiven(MemorySwap);

    CtrSize? ILimitParameters.MemoryReservation => this.IfGiven(MemoryReservation);

    /// <summary>Whether the terminal is this console, which has its own size.</summary>
    private protected virtual bool UsesConsole => false;

    /// <summary>The arguments of the command.</summary>
    private protected virtual IReadOnlyList<object?> Words => Command;

    /// <summary>The mounts in addition to those of -Mount.</summary>
    private protected virtual IEnumerable<CtrMount> VolumeMounts => [];

    /// <summary>The values of the parameters as the client's options.</summary>
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
            Mounts = (Mount ?? []).Concat(VolumeMounts).Select(WithFullSource).ToList(),
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
            CgroupDriver = CgroupDriver,
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

    /// <summary>Resolves the source of a bind mount: ~ and relative paths are those of the caller.</summary>
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
                CreateSource = mount.CreateSource,
                Recursion = mount.Recursion,
            };

    /// <summary>Reads the text of a file that a parameter specifies.</summary>
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
                Remedy = "Specify an existing file that you are allowed to read; a relative path starts at the current location.",
            };
        }
    }
}

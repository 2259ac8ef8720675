using System.Collections;
using System.Text.Json.Serialization;

namespace Containerd;

/// <summary>A process in a container: the init process, or that of an exec (OCI runtime spec, config.md, Process).</summary>
[PipelineObject(Depth = 6)]
public sealed class CtrSpecProcess : CtrSpecNode
{
    /// <summary>Whether the process has a terminal for its three standard streams.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Terminal { get; set; }

    /// <summary>The initial size of the terminal; null for the runtime's default.</summary>
    public CtrSpecBox? ConsoleSize { get; set; }

    /// <summary>The user and groups that it runs as.</summary>
    public CtrSpecUser? User { get; set; }

    /// <summary>The program and its arguments.</summary>
    public string[]? Args { get; set; }

    /// <summary>The command line as one string, on Windows instead of <see cref="Args"/>.</summary>
    public string? CommandLine { get; set; }

    /// <summary>The environment, each entry as <c>NAME=value</c>.</summary>
    public string[]? Env { get; set; }

    /// <summary>The working directory: an absolute path in the container.</summary>
    public string Cwd { get; set; } = "/";

    /// <summary>The capabilities of the process.</summary>
    public CtrSpecCapabilities? Capabilities { get; set; }

    /// <summary>Resource limits of the process.</summary>
    public CtrSpecRlimit[]? Rlimits { get; set; }

    /// <summary>Whether neither it nor its children can gain privileges, by a set-user-id program for instance.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool NoNewPrivileges { get; set; }

    /// <summary>The AppArmor profile, which must be loaded on the host; null for none.</summary>
    public string? ApparmorProfile { get; set; }

    /// <summary>
    /// How likely the kernel is to kill the process when memory runs out: -1000 (never) to 1000; null keeps the runtime's own value.
    /// </summary>
    public int? OomScoreAdj { get; set; }

    /// <summary>The scheduling policy; null keeps the default.</summary>
    public CtrSpecScheduler? Scheduler { get; set; }

    /// <summary>The SELinux label; null for none.</summary>
    public string? SelinuxLabel { get; set; }

    /// <summary>The I/O priority; null keeps the default.</summary>
    [JsonPropertyName("ioPriority")]
    public CtrSpecIOPriority? IOPriority { get; set; }

    /// <summary>Reads a process from JSON.</summary>
    /// <param name="json">The JSON text.</param>
    /// <returns>The process, with every unknown field kept.</returns>
    /// <exception cref="CtrArgumentException"><c>InvalidSpec</c>: the text is not such an object.</exception>
    public static CtrSpecProcess Parse(string json) => CtrSpecJson.Parse<CtrSpecProcess>(json);

    /// <summary>Creates a process from nested dictionaries, as <see cref="CtrSpec.FromDictionary"/> does.</summary>
    /// <param name="values">The fields.</param>
    /// <returns>The process.</returns>
    /// <exception cref="CtrArgumentException"><c>InvalidSpec</c>: a value has the wrong type.</exception>
    public static CtrSpecProcess FromDictionary(IDictionary values) => CtrSpecJson.FromDictionary<CtrSpecProcess>(values);

    /// <summary>Creates a deep copy.</summary>
    /// <returns>A process that shares nothing with this one.</returns>
    public CtrSpecProcess Clone() => CtrSpecJson.Clone(this);

    /// <summary>The command line.</summary>
    /// <returns>The arguments, joined by spaces.</returns>
    public override string ToString() => Args is { Length: > 0 } args ? string.Join(' ', args) : CommandLine ?? "";
}

/// <summary>The size of a terminal in characters (OCI runtime spec, config.md, Process, consoleSize).</summary>
public sealed class CtrSpecBox : CtrSpecNode
{
    /// <summary>The number of rows.</summary>
    public uint Height { get; set; }

    /// <summary>The number of columns.</summary>
    public uint Width { get; set; }

    /// <summary>The size.</summary>
    /// <returns>Columns by rows.</returns>
    public override string ToString() => $"{Width}x{Height}";
}

/// <summary>The user and groups of a process, by number (OCI runtime spec, config.md, User).</summary>
public sealed class CtrSpecUser : CtrSpecNode
{
    /// <summary>The user id in the container.</summary>
    public uint Uid { get; set; }

    /// <summary>The id of the primary group in the container.</summary>
    public uint Gid { get; set; }

    /// <summary>The file mode bits that are removed from new files; null for the runtime's default (0022).</summary>
    public uint? Umask { get; set; }

    /// <summary>The ids of the supplementary groups.</summary>
    public uint[]? AdditionalGids { get; set; }

    /// <summary>The user's name, on Windows only.</summary>
    public string? Username { get; set; }

    /// <summary>The user.</summary>
    /// <returns>The form <c>uid:gid</c>, or the name on Windows.</returns>
    public override string ToString() => Username ?? $"{Uid}:{Gid}";
}

/// <summary>
/// The five capability sets of a process, each a list of names such as <c>CAP_CHOWN</c> (OCI runtime spec, config.md, Linux Process).
/// </summary>
public sealed class CtrSpecCapabilities : CtrSpecNode
{
    /// <summary>The upper limit of the capabilities that can be acquired.</summary>
    public string[]? Bounding { get; set; }

    /// <summary>The capabilities that the kernel checks.</summary>
    public string[]? Effective { get; set; }

    /// <summary>The capabilities that an executed program may inherit.</summary>
    public string[]? Inheritable { get; set; }

    /// <summary>The capabilities that may be made effective.</summary>
    public string[]? Permitted { get; set; }

    /// <summary>The capabilities that are kept when a program without its own privileges is executed.</summary>
    public string[]? Ambient { get; set; }

    /// <summary>The bounding set.</summary>
    /// <returns>Its names, joined by spaces.</returns>
    public override string ToString() => string.Join(' ', Bounding ?? []);
}

/// <summary>A resource limit of a process (OCI runtime spec, config.md, POSIX process, rlimits).</summary>
public sealed class CtrSpecRlimit : CtrSpecNode
{
    /// <summary>The limit's name, such as <c>RLIMIT_NOFILE</c>.</summary>
    public string Type { get; set; } = "";

    /// <summary>The upper bound of the soft limit; the largest number means no limit.</summary>
    public ulong Hard { get; set; }

    /// <summary>The value that the kernel enforces.</summary>
    public ulong Soft { get; set; }

    /// <summary>The limit.</summary>
    /// <returns>Name, soft and hard limit.</returns>
    public override string ToString() => $"{Type}={Soft}:{Hard}";
}

/// <summary>How the kernel schedules a process (OCI runtime spec, config.md, Linux Process, scheduler).</summary>
public sealed class CtrSpecScheduler : CtrSpecNode
{
    /// <summary>The policy, such as <c>SCHED_BATCH</c>.</summary>
    public string Policy { get; set; } = "";

    /// <summary>The nice value, for the policies of ordinary processes.</summary>
    public int? Nice { get; set; }

    /// <summary>The static priority, for <c>SCHED_FIFO</c> and <c>SCHED_RR</c>.</summary>
    public int? Priority { get; set; }

    /// <summary>Flags such as <c>SCHED_FLAG_RESET_ON_FORK</c>.</summary>
    public string[]? Flags { get; set; }

    /// <summary>The time that it may run in each period, in nanoseconds, for <c>SCHED_DEADLINE</c>.</summary>
    public ulong? Runtime { get; set; }

    /// <summary>The deadline in each period, in nanoseconds, for <c>SCHED_DEADLINE</c>.</summary>
    public ulong? Deadline { get; set; }

    /// <summary>The period, in nanoseconds, for <c>SCHED_DEADLINE</c>.</summary>
    public ulong? Period { get; set; }
}

/// <summary>The priority of a process's input and output (OCI runtime spec, config.md, Linux Process, ioPriority).</summary>
public sealed class CtrSpecIOPriority : CtrSpecNode
{
    /// <summary>The class: <c>IOPRIO_CLASS_RT</c>, <c>IOPRIO_CLASS_BE</c> or <c>IOPRIO_CLASS_IDLE</c>.</summary>
    public string Class { get; set; } = "";

    /// <summary>The priority in the class, 0 (first) to 7.</summary>
    public int Priority { get; set; }
}

using Containerd.Client.Specs;
using Containerd.Host;

namespace Containerd.Client;

/// <summary>
/// Builds the OCI runtime spec of a container from its image and the caller's options. The defaults are those of <c>ctr run</c>, which work
/// on every host that containerd runs on, plus a seccomp profile like that of Docker.
/// </summary>
public static class SpecBuilder
{
    // All runtimes accept this version; nothing here requires a later version of the spec.
    private const string OciVersion = "1.0.2";
    private const string DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private const int MaxHostname = 63;

    /// <summary>Builds the spec of a container.</summary>
    /// <param name="containerId">The id of the container.</param>
    /// <param name="containerdNamespace">The containerd namespace.</param>
    /// <param name="options">The caller's options.</param>
    /// <param name="image">The config of the image; null for a container without one.</param>
    /// <param name="host">The daemon's host.</param>
    /// <param name="users">Looks up the user in the container's root filesystem; null if only numbers can be used.</param>
    /// <returns>The spec.</returns>
    /// <exception cref="CtrArgumentException"><c>NoCommand</c>, or the error of the option that cannot be used.</exception>
    /// <exception cref="CtrNotFoundException"><c>UserNotFound</c>, <c>GroupNotFound</c>, <c>DeviceNotFound</c>.</exception>
    public static CtrSpec Build(
        string containerId,
        string containerdNamespace,
        SpecOptions options,
        ImageConfig? image,
        HostFacts host,
        IUserLookup? users
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(containerId);
        ArgumentException.ThrowIfNullOrEmpty(containerdNamespace);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(host);

        var mapping = SpecIdMappings.Require(options);
        // A container in the host's network has the host's name.
        var hostname = options.Hostname
            ?? (options.HostNetwork ? null : containerId[..Math.Min(containerId.Length, MaxHostname)].TrimEnd('.', '-', '_'));
        string[] capabilities = [.. Capabilities(CapabilityNames.Default, options.CapAdd, options.CapDrop, options.Privileged, host)];
        var user = FindUser(First(options.User, image?.User), options.AdditionalGroups, users);
        var spec = new CtrSpec
        {
            OciVersion = OciVersion,
            Process = new CtrSpecProcess
            {
                Terminal = options.Tty,
                ConsoleSize = options.Tty ? options.ConsoleSize : null,
                User = user,
                Args = Arguments(options, image),
                Env = Environment(options, image, hostname ?? host.HostName),
                Cwd = WorkingDirectory(options.Cwd, image?.WorkingDir),
                Capabilities = Sets(capabilities, user, options.CapAdd),
                Rlimits = Rlimits(options.Ulimits),
                NoNewPrivileges = options.NoNewPrivileges ?? !options.Privileged,
                ApparmorProfile = First(options.AppArmorProfile),
                OomScoreAdj = OomScore(options.OomScoreAdj),
            },
            Root = new CtrSpecRoot { Path = First(options.RootfsPath) ?? "rootfs", Readonly = options.ReadOnly },
            Hostname = hostname,
            Mounts = SpecMounts.Build(options, host),
            Annotations = Map(options.Annotations),
            Linux = new CtrSpecLinux
            {
                Sysctl = Map(options.Sysctls),
                CgroupsPath = CgroupPath.Build(
                    options.CgroupDriver,
                    options.CgroupParent is { } parent ? Text(parent, "cgroup parent") : null,
                    containerdNamespace,
                    containerId,
                    host.CgroupDriver
                ),
                Namespaces = Namespaces(options, host),
                Seccomp = Seccomp(options, capabilities, host),
            },
        };
        if (!options.Privileged)
        {
            spec.Linux.MaskedPaths =
            [
                "/proc/acpi",
                "/proc/asound",
                "/proc/kcore",
                "/proc/keys",
                "/proc/latency_stats",
                "/proc/timer_list",
                "/proc/timer_stats",
                "/proc/sched_debug",
                "/proc/scsi",
                "/sys/firmware",
                "/sys/devices/virtual/powercap",
            ];
            spec.Linux.ReadonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];
        }
        var (nodes, rules) = SpecDevices.Build(options, host);
        spec.Linux.Devices = nodes;
        spec.Linux.Resources = Resources(options.Limits);
        spec.Linux.Resources.Devices = rules;
        if (mapping is not null)
            SpecIdMappings.Apply(spec, mapping, host);
        return spec;
    }

    /// <summary>Builds the process of an exec: that of the container, with the caller's options.</summary>
    /// <param name="container">The spec of the container.</param>
    /// <param name="options">The caller's options.</param>
    /// <param name="host">The daemon's host.</param>
    /// <param name="users">Looks up the user in the container's root filesystem; null if only numbers can be used.</param>
    /// <returns>The process.</returns>
    /// <exception cref="CtrArgumentException"><c>NoCommand</c>, or the error of the option that cannot be used.</exception>
    /// <exception cref="CtrNotFoundException"><c>UserNotFound</c>, <c>GroupNotFound</c>.</exception>
    public static CtrSpecProcess ExecProcess(CtrSpec container, ExecOptions options, HostFacts host, IUserLookup? users)
    {
        ArgumentNullException.ThrowIfNull(container);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(host);
        if (options.Command is not { Count: > 0 } command || command[0].Length == 0)
            throw NoCommand("The exec has no command.", "Specify a command, such as ps.", "Exec");

        var process = container.Process?.Clone() ?? new CtrSpecProcess { Env = [DefaultPath], Cwd = "/" };
        process.Args = [.. command.Select(a => Text(a, "command"))];
        // The Windows command line belongs to the container's process, not to this one.
        process.CommandLine = null;
        process.Terminal = options.Tty;
        process.ConsoleSize = options.Tty ? options.ConsoleSize : null;
        process.Env = MergeEnvironment(options.Tty ? ["TERM=xterm"] : [], Named(process.Env), options.Env);
        process.Cwd = options.Cwd is null ? First(process.Cwd) ?? "/" : WorkingDirectory(options.Cwd, null);
        process.User ??= new CtrSpecUser();
        if (options.User is { Length: > 0 })
        {
            var umask = process.User.Umask;
            process.User = FindUser(options.User, options.AdditionalGroups, users);
            process.User.Umask = umask;
        }
        else if (options.AdditionalGroups is { Count: > 0 } groups)
        {
            var found = FindUser($"{process.User.Uid}:{process.User.Gid}", groups, users).AdditionalGids ?? [];
            process.User.AdditionalGids = [.. (process.User.AdditionalGids ?? []).Union(found)];
        }
        if (options.Privileged || options.CapAdd is { Count: > 0 } || options.CapDrop is { Count: > 0 })
            process.Capabilities = Sets(
                [.. Capabilities(process.Capabilities?.Bounding ?? [], options.CapAdd, options.CapDrop, options.Privileged, host)],
                process.User,
                options.CapAdd
            );
        if (options.Privileged)
        {
            process.NoNewPrivileges = false;
            process.ApparmorProfile = null;
        }
        return process;
    }

    private static string[] Arguments(SpecOptions options, ImageConfig? image)
    {
        // A single empty argument means no entrypoint, in options and images, as in Docker.
        var entrypoint = (options.Entrypoint ?? image?.Entrypoint) is var words and not [""] ? words : [];
        var command = options.Command ?? (options.Entrypoint is null ? image?.Cmd : null);
        string[] args = [.. (entrypoint ?? []).Concat(command ?? []).Select(a => Text(a, "command"))];
        if (args.Length > 0 && args[0].Length > 0)
            return args;
        throw args.Length > 0
            ? NoCommand("The first argument of the command, the program, is empty.", "Specify the name of the program first.")
            : NoCommand(
                image is null ? "A command is required." : "The image does not have a command, and none is specified.",
                "Specify a command or an entrypoint.",
                "CommandOrEntrypoint"
            );
    }

    private static string[] Environment(SpecOptions options, ImageConfig? image, string? hostname)
    {
        List<string> defaults = [DefaultPath];
        if (hostname is not null)
            defaults.Add($"HOSTNAME={hostname}");
        if (options.Tty)
            defaults.Add("TERM=xterm");
        return MergeEnvironment(defaults, Named(image?.Env), options.Env);
    }

    /// <summary>
    /// The variables with a name. Images may contain others, such as <c>=C:=C:\</c> on Windows, which programs cannot read.
    /// </summary>
    internal static IReadOnlyList<string> Named(IReadOnlyList<string>? environment) =>
        [.. (environment ?? []).Where(entry => entry.Length > 0 && entry[0] != '=')];

    /// <summary>Merges environments by name: a later value replaces an earlier one, and a name without a value removes it.</summary>
    internal static string[] MergeEnvironment(params IReadOnlyList<string>?[] environments)
    {
        var merged = new List<(string Name, string Entry)>();
        foreach (var entry in environments.SelectMany(environment => environment ?? []))
        {
            var equals = Text(entry, "environment variable").IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? entry : entry[..equals];
            if (name.Length == 0)
                throw new CtrArgumentException($"The name of the environment variable '{entry}' is empty.")
                {
                    ErrorId = ErrorIds.InvalidEnvironment,
                    Subject = entry,
                    Remedy = "Use the form NAME=value.",
                };
            var index = merged.FindIndex(other => other.Name == name);
            if (equals < 0)
            {
                if (index >= 0)
                    merged.RemoveAt(index);
            }
            else if (index >= 0)
            {
                merged[index] = (name, entry);
            }
            else
            {
                merged.Add((name, entry));
            }
        }
        return [.. merged.Select(variable => variable.Entry)];
    }

    private static string WorkingDirectory(string? wanted, string? image)
    {
        if (wanted is { Length: > 0 })
        {
            return Text(wanted, "working directory").StartsWith('/')
                ? wanted
                : throw new CtrArgumentException($"The working directory '{wanted}' is not an absolute path.")
                {
                    ErrorId = ErrorIds.InvalidWorkingDirectory,
                    Subject = wanted,
                    Remedy = "Use a path in the container that starts with /.",
                };
        }
        // Some images omit the leading slash; the path can only be relative to the root.
        return image is not { Length: > 0 } ? "/"
            : image.StartsWith('/') ? image
            : $"/{image}";
    }

    private static CtrSpecUser FindUser(string? user, IReadOnlyList<string>? additionalGroups, IUserLookup? users)
    {
        var groups = additionalGroups ?? [];
        return users is not null
            ? users.Find(user ?? "", groups)
            : UserLookup.FindByNumber(user ?? "", groups)
                ?? throw new CtrPermissionException(
                    $"The user '{user}' cannot be looked up: the container's root filesystem is not available."
                )
                {
                    ErrorId = ErrorIds.RootfsNotReadable,
                    Subject = user,
                    Remedy = RootfsReader.NumericUserWorks,
                };
    }

    private static IEnumerable<string> Capabilities(
        IReadOnlyList<string> start,
        IReadOnlyList<string>? add,
        IReadOnlyList<string>? drop,
        bool privileged,
        HostFacts host
    )
    {
        var added = (add ?? []).Where(name => !CapabilityNames.IsAll(name)).Select(CapabilityNames.Parse).ToList();
        var dropped = (drop ?? []).Where(name => !CapabilityNames.IsAll(name)).Select(CapabilityNames.Parse).ToList();
        var addAll = privileged || (add ?? []).Any(CapabilityNames.IsAll);
        var dropAll = (drop ?? []).Any(CapabilityNames.IsAll);
        // ALL means all capabilities that the host supports; listed names are passed unchanged, and the runtime rejects unsupported ones.
        var set =
            addAll ? host.Capabilities
            : dropAll ? []
            : start;
        return set.Union(added).Except(dropped);
    }

    /// <summary>
    /// The sets of capabilities. When the process of a user other than root is executed, the kernel removes all capabilities from it except
    /// the ambient ones. Therefore capabilities that the caller added by name are ambient, as in Podman: otherwise <c>-User 1000 -CapAdd
    /// NET_BIND_SERVICE</c> would have no effect. The default ones are not ambient: such a process has none of them in any engine.
    /// </summary>
    private static CtrSpecCapabilities Sets(string[] names, CtrSpecUser? user, IReadOnlyList<string>? added)
    {
        var sets = new CtrSpecCapabilities
        {
            Bounding = names,
            Effective = names,
            Permitted = names,
        };
        if (user is not { Uid: > 0 } || added is not { Count: > 0 })
            return sets;
        string[] kept = added.Any(CapabilityNames.IsAll) ? names : [.. added.Select(CapabilityNames.Parse).Distinct().Intersect(names)];
        // The kernel accepts only inheritable capabilities as ambient ones.
        sets.Inheritable = kept;
        sets.Ambient = kept;
        return sets;
    }

    private static CtrSpecRlimit[] Rlimits(IReadOnlyList<CtrUlimit>? limits)
    {
        var all = new List<CtrSpecRlimit>
        {
            new()
            {
                Type = "RLIMIT_NOFILE",
                Soft = 1024,
                Hard = 1024,
            },
        };
        foreach (var limit in limits ?? [])
        {
            var rlimit = limit.ToRlimit();
            all.RemoveAll(other => other.Type == rlimit.Type);
            all.Add(rlimit);
        }
        return [.. all];
    }

    private static CtrSpecNamespace[] Namespaces(SpecOptions options, HostFacts host)
    {
        var kinds = new List<string> { "uts", "mount" };
        if (!options.HostPid)
            kinds.Add("pid");
        if (!options.HostIpc)
            kinds.Add("ipc");
        if (!options.HostNetwork)
            kinds.Add("network");
        if (host.CgroupVersion == CgroupVersion.V2)
            kinds.Add("cgroup");
        return [.. kinds.Select(kind => new CtrSpecNamespace { Type = kind })];
    }

    private static CtrSpecSeccomp? Seccomp(SpecOptions options, string[] capabilities, HostFacts host)
    {
        var profile = options.SeccompProfile?.Trim();
        var unasked = profile is not { Length: > 0 };
        if (unasked || profile!.Equals("default", StringComparison.OrdinalIgnoreCase))
            return (unasked && options.Privileged) || !host.Seccomp
                ? null
                : SeccompProfile.Default(capabilities, host.Architecture, host.Kernel);
        if (profile.Equals("unconfined", StringComparison.OrdinalIgnoreCase))
            return null;
        var seccomp = CtrSpecSeccomp.Parse(profile);
        return seccomp.DefaultAction.Length > 0
            ? seccomp
            : throw new CtrArgumentException("The seccomp profile has no defaultAction.")
            {
                ErrorId = ErrorIds.InvalidSeccompProfile,
                Remedy = "Use the JSON of a profile in the form of the OCI runtime spec, default, or unconfined.",
            };
    }

    private static CtrSpecResources Resources(ResourceOptions limits)
    {
        var resources = limits.ToResources();
        // Both exist even if empty, so that a script can set $spec.Linux.Resources.Memory.Limit.
        var memory = resources.Memory ??= new CtrSpecMemory();
        resources.Cpu ??= new CtrSpecCpu();
        if (memory.Swap > 0 && memory.Limit is null or -1)
            throw ResourceOptions.InvalidLimit(
                "A limit on memory and swap together requires a limit on memory.",
                "Set the limit on memory too."
            );
        if (memory.Reservation < 0)
            throw ResourceOptions.InvalidLimit("A memory reservation cannot be unlimited.", "Use a size such as 32m, or omit it.");
        ResourceOptions.RequireConsistent(memory.Limit, memory.Swap, memory.Reservation);
        return resources;
    }

    private static int? OomScore(int? score) =>
        score is < -1000 or > 1000
            ? throw ResourceOptions.InvalidLimit($"The OOM score adjustment {score} is out of range.", "Use a number from -1000 to 1000.")
            : score;

    private static CtrArgumentException NoCommand(string message, string remedy, string? remedyId = null) =>
        new(message)
        {
            ErrorId = ErrorIds.NoCommand,
            RemedyId = remedyId,
            Remedy = remedy,
        };

    private static CtrMap? Map(IReadOnlyDictionary<string, string>? values)
    {
        if (values is not { Count: > 0 })
            return null;
        var map = new CtrMap();
        foreach (var (key, value) in values)
            map[key] = value;
        return map;
    }

    private static string? First(params ReadOnlySpan<string?> values)
    {
        foreach (var value in values)
            if (value is { Length: > 0 })
                return value;
        return null;
    }

    /// <summary>Validates a text for the kernel, which would interpret a null character as its end.</summary>
    private static string Text(string text, string what) =>
        !text.Contains('\0', StringComparison.Ordinal)
            ? text
            : throw new CtrArgumentException($"The {what} contains a null character.")
            {
                ErrorId = ErrorIds.InvalidText,
                Remedy = "Remove it: arguments of a program cannot contain it.",
            };
}

using System.Globalization;
using Containerd.Host;

namespace Containerd.Client.Specs;

/// <summary>The mounts of a container: the default kernel filesystems, then those that the caller requests.</summary>
internal static class SpecMounts
{
    private static readonly string[] NetworkFiles = ["/etc/hosts", "/etc/resolv.conf"];

    internal static CtrSpecMount[] Build(SpecOptions options, HostFacts host)
    {
        RequireDistinct(options.Mounts ?? []);
        var mounts = Defaults(options, host);
        // A parent precedes mounts in it, regardless of the caller's order.
        foreach (var wanted in (options.Mounts ?? []).Select(Convert).OrderBy(mount => Parts(mount.Destination).Length))
        {
            var same = mounts.FindIndex(mount => Parts(mount.Destination).SequenceEqual(Parts(wanted.Destination)));
            if (same >= 0)
                mounts[same] = wanted;
            else
                mounts.Add(wanted);
        }
        return [.. mounts];
    }

    /// <summary>A full spec with other mounts at the targets where it has some.</summary>
    internal static CtrSpec Replace(CtrSpec spec, IReadOnlyList<CtrMount> mounts)
    {
        if (mounts.Count == 0)
            return spec;
        var copy = spec.Clone();
        foreach (var mount in mounts)
        {
            var target = PartsOf(mount.Target);
            copy.Mounts = copy.Mounts?.Select(old => PartsOf(old.Destination).SequenceEqual(target) ? Convert(mount) : old).ToArray();
        }

        return copy;
    }

    /// <summary>Rejects two mounts with the same target, of which one would hide the other.</summary>
    /// <exception cref="CtrArgumentException">DuplicateMountTarget, InvalidMount.</exception>
    internal static void RequireDistinct(IReadOnlyList<CtrMount> mounts)
    {
        var targets = new HashSet<string>(StringComparer.Ordinal);
        foreach (var mount in mounts)
        {
            mount.Validate();
            var target = "/" + string.Join('/', PartsOf(mount.Target));
            if (!targets.Add(target))
                throw new CtrArgumentException($"Two mounts have the target '{target}'.")
                {
                    ErrorId = ErrorIds.DuplicateMountTarget,
                    Subject = target,
                    Remedy = "Remove one of them, or use another target.",
                };
        }
    }

    /// <summary>The names of a path in a container, without '.' and '..'.</summary>
    internal static string[] PartsOf(string path)
    {
        var parts = new List<string>();
        foreach (var part in Parts(path))
        {
            if (part == ".." && parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else if (part is not ("." or ".."))
                parts.Add(part);
        }

        return [.. parts];
    }

    private static List<CtrSpecMount> Defaults(SpecOptions options, HostFacts host)
    {
        var access = options.Privileged ? "rw" : "ro";
        var shm = options.ShmSize?.Bytes ?? 64L << 20;
        if (shm <= 0)
            throw new CtrArgumentException("The size of /dev/shm must be greater than 0.")
            {
                ErrorId = ErrorIds.InvalidLimit,
                Remedy = "Use a size such as 64m.",
            };
        List<CtrSpecMount> mounts =
        [
            Make("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
            Make("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
            Make("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
            // A container that shares the host's IPC also shares these two, which belong to it.
            options.HostIpc
                ? Make("/dev/shm", "bind", "/dev/shm", "rbind", "nosuid", "noexec", "nodev")
                : Make(
                    "/dev/shm",
                    "tmpfs",
                    "shm",
                    "nosuid",
                    "noexec",
                    "nodev",
                    "mode=1777",
                    string.Create(CultureInfo.InvariantCulture, $"size={(shm + 1023) / 1024}k")
                ),
            Make("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"),
            Make("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", access),
            Make("/run", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
        ];
        // With a cgroup namespace it shows the container's own cgroup only; without one it would show the host's.
        if (host.CgroupVersion == CgroupVersion.V2)
            mounts.Add(Make("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", access));
        if (options.HostNetwork)
            mounts.AddRange(NetworkFiles.Where(host.FileExists).Select(file => Make(file, "bind", file, "rbind", "ro")));
        return mounts;
    }

    private static CtrSpecMount Convert(CtrMount mount)
    {
        mount.Validate();
        var options = new List<string>(mount.Options);
        switch (mount.Type)
        {
            case "volume" or "image":
                throw new CtrArgumentException(
                    $"The mount '{mount}' is {(mount.Type == "image" ? "an image" : "a volume")}, which can be mounted only when a "
                        + "container is created."
                )
                {
                    ErrorId = ErrorIds.InvalidMount,
                    Subject = mount.Source,
                    RemedyId = "Volume",
                    Remedy = "Use the option when you create the container, or mount the folder of the volume.",
                };
            case "bind":
                if (!mount.Source.StartsWith('/'))
                {
                    throw new CtrArgumentException($"The mount '{mount}' has a source that is not an absolute path of the daemon's host.")
                    {
                        ErrorId = ErrorIds.InvalidMount,
                        Subject = mount.Source,
                        Remedy = "Use the full path.",
                    };
                }
                if (!options.Contains("bind") && !options.Contains("rbind"))
                    options.Insert(0, mount.Recursion == CtrBindRecursion.Disabled ? "bind" : "rbind");
                // Otherwise it would be undefined whether later mounts on the host or in the container are visible on the other side.
                if (
                    !options.Exists(option =>
                        option is "private" or "rprivate" or "shared" or "rshared" or "slave" or "rslave" or "unbindable" or "runbindable"
                    )
                )
                    options.Add("rprivate");
                break;
            case "tmpfs":
                foreach (var (flag, opposite) in new[] { ("nosuid", "suid"), ("nodev", "dev"), ("noexec", "exec") })
                    if (!options.Contains(flag) && !options.Contains(opposite))
                        options.Add(flag);
                break;
        }
        if (mount.ReadOnly && !options.Contains("ro"))
            options.Add("ro");
        // With the first one alone, mounts below the source stay writable.
        if (mount.Recursion == CtrBindRecursion.ReadOnly)
            options.Add("rro");
        return Make(mount.Target, mount.Type, mount.Source.Length > 0 ? mount.Source : mount.Type, [.. options]);
    }

    private static CtrSpecMount Make(string destination, string type, string source, params string[] options) =>
        new()
        {
            Destination = destination,
            Type = type,
            Source = source,
            Options = options,
        };

    private static string[] Parts(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);
}

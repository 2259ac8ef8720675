using Containerd.Host;

namespace Containerd.Client.Specs;

/// <summary>
/// Adds a user namespace to a spec. Operations that its root is not allowed to do there, because they require the host (mounting the file
/// system of a namespace that the container shares, creating device nodes), are replaced or rejected.
/// </summary>
internal static class SpecIdMappings
{
    private const string TerminalGroup = "gid=5";

    /// <summary>Rejects options that cannot work in a user namespace, before anything is created.</summary>
    /// <param name="options">The caller's options.</param>
    /// <returns>The mapping; null for a container without one.</returns>
    /// <exception cref="CtrArgumentException"><c>InvalidIdMap</c>, <c>IdMapConflict</c>.</exception>
    internal static IdMapping? Require(SpecOptions options)
    {
        if (IdMapping.Of(options) is not { } mapping)
            return null;
        if (options.Privileged)
        {
            throw Conflict(
                "A container with mapped user ids cannot be privileged: its root is not the root of the host.",
                "PrivilegedOrIdMap",
                "Use one of the two. Add single capabilities and devices instead of all privileges."
            );
        }

        // runc bind-mounts the host's node with the same name, because it cannot create one in a user namespace.
        if (
            (options.Devices ?? []).FirstOrDefault(d => d.Target.Length > 0 && d.Target.TrimEnd('/') != d.Source.TrimEnd('/')) is
            { } renamed
        )
        {
            throw Conflict(
                $"The device '{renamed.Source}' cannot have the name '{renamed.Target}' in a container with mapped user ids: the "
                    + "runtime cannot create device nodes there.",
                "DeviceNameOfHost",
                $"Use the name '{renamed.Source}' in the container too, or mount the device at '{renamed.Target}'.",
                renamed.Source
            );
        }

        return mapping;
    }

    /// <summary>Changes a built spec.</summary>
    /// <param name="spec">The spec.</param>
    /// <param name="mapping">The mapping.</param>
    /// <param name="host">The daemon's host.</param>
    /// <exception cref="CtrArgumentException">
    /// <c>IdNotMapped</c>: the user of the process or one of its groups has no id on the host.
    /// </exception>
    internal static void Apply(CtrSpec spec, IdMapping mapping, HostFacts host)
    {
        RequireMapped(spec.Process?.User, mapping);
        var linux = spec.Linux ??= new CtrSpecLinux();
        linux.Namespaces = [.. linux.Namespaces ?? [], new CtrSpecNamespace { Type = "user" }];
        linux.UidMappings = [.. mapping.Users];
        linux.GidMappings = [.. mapping.Groups];
        spec.Mounts = [.. (spec.Mounts ?? []).SelectMany(m => Adapt(m, linux.Namespaces, mapping, host))];
    }

    private static void RequireMapped(CtrSpecUser? user, IdMapping mapping)
    {
        if (user is null)
            return;
        if (mapping.User(user.Uid) is null)
            throw NotMapped($"user {user.Uid}", $"{user.Uid}");
        foreach (var group in (user.AdditionalGids ?? []).Prepend(user.Gid))
        {
            if (mapping.Group(group) is null)
                throw NotMapped($"group {group}", $"{group}");
        }
    }

    /// <summary>
    /// The kernel allows a user namespace to mount these file systems only for its own namespaces; those of the host are bind-mounted
    /// instead.
    /// </summary>
    private static IEnumerable<CtrSpecMount> Adapt(CtrSpecMount mount, CtrSpecNamespace[] namespaces, IdMapping mapping, HostFacts host)
    {
        bool Own(string kind) => Array.Exists(namespaces, n => n.Type == kind && n.Path is not { Length: > 0 });
        switch (mount.Type)
        {
            case "sysfs" when !Own("network"):
                return [Bound(mount, "/sys")];
            case "proc" when !Own("pid"):
                return [Bound(mount, "/proc")];
            case "mqueue" when !Own("ipc"):
                return host.FileExists("/dev/mqueue") || Directory.Exists("/dev/mqueue") ? [Bound(mount, "/dev/mqueue")] : [];
            case "devpts" when mapping.Group(5) is null:
                mount.Options = [.. (mount.Options ?? []).Where(o => o != TerminalGroup)];
                return [mount];
            default:
                return [mount];
        }
    }

    private static CtrSpecMount Bound(CtrSpecMount mount, string source) =>
        new()
        {
            Destination = mount.Destination,
            Type = "bind",
            Source = source,
            Options = ["rbind", .. mount.Options ?? []],
        };

    internal static CtrArgumentException NotMapped(string what, string subject, Exception? cause = null) =>
        new($"The id mapping does not have the {what} of the container.", cause)
        {
            ErrorId = ErrorIds.IdNotMapped,
            Subject = subject,
            Remedy = "Add a range that contains it, or use a larger range, such as 0:100000:65536.",
        };

    private static CtrArgumentException Conflict(string message, string remedyId, string remedy, string? subject = null) =>
        new(message)
        {
            ErrorId = ErrorIds.IdMapConflict,
            Subject = subject,
            RemedyId = remedyId,
            Remedy = remedy,
        };
}

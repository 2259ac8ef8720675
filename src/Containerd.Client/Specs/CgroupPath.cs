namespace Containerd.Client.Specs;

/// <summary>
/// The path of a container's cgroup, in one of two notations: a directory below the root of the cgroup file system, or, for runtimes that
/// use systemd, <c>slice:prefix:name</c>, which is the scope <c>prefix-name.scope</c> in the slice.
/// </summary>
internal static class CgroupPath
{
    private const string DefaultSlice = "system.slice";
    private const string SliceSuffix = ".slice";

    /// <summary>The path for a new container.</summary>
    /// <param name="driver">The driver; null for that of the parent's notation, and else for that of the host.</param>
    /// <param name="parent">The parent cgroup; null for the driver's default.</param>
    /// <param name="containerdNamespace">The containerd namespace.</param>
    /// <param name="id">The id of the container.</param>
    /// <param name="hostDriver">The default driver of the host.</param>
    /// <exception cref="CtrArgumentException"><c>InvalidCgroupParent</c>.</exception>
    internal static string Build(CtrCgroupDriver? driver, string? parent, string containerdNamespace, string id, CtrCgroupDriver hostDriver)
    {
        if (parent is not { Length: > 0 })
        {
            return (driver ?? hostDriver) == CtrCgroupDriver.Systemd
                ? Scope(DefaultSlice, Prefix(containerdNamespace), id)
                : $"/{containerdNamespace}/{id}";
        }
        var parts = parent.Split(':');
        if (parts[0].EndsWith(SliceSuffix, StringComparison.Ordinal) && !parts[0].Contains('/', StringComparison.Ordinal))
        {
            if (driver == CtrCgroupDriver.Cgroupfs)
                throw Mismatch(
                    parent,
                    "a slice of systemd",
                    driver.Value,
                    "Path",
                    "Use a path such as /a/b, or the cgroup driver Systemd."
                );
            return parts.Length switch
            {
                1 => Scope(parent, Prefix(containerdNamespace), id),
                2 => $"{parent}:{Name(id)}",
                3 => parent,
                _ => throw Invalid(parent),
            };
        }
        var names = parent.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length > 1 || names.Contains("..") || names.Contains("."))
            throw Invalid(parent);
        if (driver == CtrCgroupDriver.Systemd)
        {
            throw Mismatch(
                parent,
                "not a slice of systemd",
                driver.Value,
                "Slice",
                "Use a slice such as system.slice, or the cgroup driver Cgroupfs."
            );
        }
        return $"/{string.Join('/', names.Append(id))}";
    }

    /// <summary>The path for a container that is restored under another id: its own if it was the default for the old id.</summary>
    /// <param name="path">The old path.</param>
    /// <param name="from">The old namespace and id.</param>
    /// <param name="to">The new namespace and id.</param>
    /// <returns>The new path; the old one if the caller had chosen it.</returns>
    internal static string? Rename(string? path, (string Namespace, string Id) from, (string Namespace, string Id) to)
    {
        if (path == $"/{from.Namespace}/{from.Id}")
            return $"/{to.Namespace}/{to.Id}";
        if (path?.Split(':') is not [var slice, var prefix, var name] || name != Name(from.Id))
            return path;
        return Scope(slice, prefix == Prefix(from.Namespace) ? Prefix(to.Namespace) : prefix, to.Id);
    }

    /// <summary>Whether a path is in systemd's notation.</summary>
    internal static bool IsSystemd(string? path) => path?.Split(':').Length == 3;

    private static string Scope(string slice, string prefix, string id) => $"{slice}:{prefix}:{Name(id)}";

    /// <summary>
    /// Runtimes connect prefix and name by a hyphen, and both may contain hyphens: without the second one, 'a-b' in 'c' and 'b-c' in 'a'
    /// would be the same scope. Names of namespaces and containers never have two in a row.
    /// </summary>
    private static string Prefix(string containerdNamespace) =>
        containerdNamespace.Contains('-', StringComparison.Ordinal) ? containerdNamespace + "-" : containerdNamespace;

    /// <summary>runc takes a name that ends like a slice for a slice, without the prefix. No id ends with an underscore.</summary>
    private static string Name(string id) => id.EndsWith(SliceSuffix, StringComparison.Ordinal) ? id + "_" : id;

    private static CtrArgumentException Mismatch(string parent, string what, CtrCgroupDriver driver, string remedyId, string remedy) =>
        new($"The parent cgroup '{parent}' is {what}, and cannot be used with the cgroup driver {driver}.")
        {
            ErrorId = ErrorIds.InvalidCgroupParent,
            Subject = parent,
            RemedyId = remedyId,
            Remedy = remedy,
        };

    private static CtrArgumentException Invalid(string parent) =>
        new($"'{parent}' is not a valid parent cgroup.")
        {
            ErrorId = ErrorIds.InvalidCgroupParent,
            Subject = parent,
            Remedy = "Use a path such as /a/b, or a systemd slice such as system.slice or system.slice:prefix.",
        };
}

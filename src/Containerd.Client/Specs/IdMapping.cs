using System.Security.Cryptography;
using System.Text;

namespace Containerd.Client.Specs;

/// <summary>The id mapping of a container's user namespace: the ranges of its users and of its groups, validated and sorted.</summary>
internal sealed class IdMapping
{
    // What the kernel accepts in uid_map since Linux 4.15.
    private const int MaxRanges = 340;

    private readonly CtrSpecIdMapping[] _users;
    private readonly CtrSpecIdMapping[] _groups;

    private IdMapping(CtrSpecIdMapping[] users, CtrSpecIdMapping[] groups)
    {
        _users = users;
        _groups = groups;
    }

    internal IReadOnlyList<CtrSpecIdMapping> Users => _users;

    internal IReadOnlyList<CtrSpecIdMapping> Groups => _groups;

    /// <summary>The host's id of the container's root.</summary>
    internal uint RootUid => User(0)!.Value;

    /// <summary>The host's id of the container's root group.</summary>
    internal uint RootGid => Group(0)!.Value;

    /// <summary>The requested mapping; null for none. If only users or only groups are given, they are used for both.</summary>
    /// <exception cref="CtrArgumentException"><c>InvalidIdMap</c>.</exception>
    internal static IdMapping? Of(SpecOptions options)
    {
        var users = options.UidMap is { Count: > 0 } ? options.UidMap : options.GidMap;
        var groups = options.GidMap is { Count: > 0 } ? options.GidMap : options.UidMap;
        if (users is not { Count: > 0 } || groups is null)
            return null;
        foreach (var range in users.Concat(groups))
            range.Validate();
        return Of([.. users.Select(r => r.ToSpec())], [.. groups.Select(r => r.ToSpec())]);
    }

    /// <summary>The mapping of a spec with a new user namespace; null for a spec without one.</summary>
    /// <exception cref="CtrArgumentException"><c>InvalidIdMap</c>.</exception>
    internal static IdMapping? Of(CtrSpec? spec)
    {
        if (spec?.Linux is not { UidMappings: { Length: > 0 } users, GidMappings: { Length: > 0 } groups } linux)
            return null;
        if (!(linux.Namespaces ?? []).Any(n => n.Type == "user" && n.Path is not { Length: > 0 }))
            return null;
        foreach (var range in users.Concat(groups))
            new CtrIdMapping(range).Validate();
        return Of(users, groups);
    }

    /// <summary>Rejects operations that would treat the files of a container as those of an image, because their owners differ.</summary>
    /// <param name="spec">The spec of the container.</param>
    /// <param name="containerId">The container.</param>
    /// <param name="what">The text of the error after the container.</param>
    /// <param name="remedyId">The name of the remedy.</param>
    /// <param name="remedy">The remedy.</param>
    /// <exception cref="CtrNotSupportedException"><c>IdMapNotSupported</c>.</exception>
    internal static void RequireNone(CtrSpec? spec, string containerId, string what, string remedyId, string remedy)
    {
        if (spec?.Linux is not { UidMappings.Length: > 0 } linux || !(linux.Namespaces ?? []).Any(n => n.Type == "user"))
            return;
        throw new CtrNotSupportedException($"Container '{containerId}' has mapped user ids: {what}.")
        {
            ErrorId = ErrorIds.IdMapNotSupported,
            Subject = containerId,
            RemedyId = remedyId,
            Remedy = remedy,
        };
    }

    /// <summary>The host's id of a user of the container; null for one that is not mapped.</summary>
    internal uint? User(uint id) => Find(_users, id);

    /// <summary>The host's id of a group of the container; null for one that is not mapped.</summary>
    internal uint? Group(uint id) => Find(_groups, id);

    /// <summary>A short text that is unique for a mapping.</summary>
    internal string Key()
    {
        var text = $"{string.Join(',', _users.AsEnumerable())} {string.Join(',', _groups.AsEnumerable())}";
        return Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(text)))[..16].ToLowerInvariant();
    }

    private static IdMapping Of(CtrSpecIdMapping[] users, CtrSpecIdMapping[] groups) => new(Check(users, "user"), Check(groups, "group"));

    private static CtrSpecIdMapping[] Check(CtrSpecIdMapping[] ranges, string kind)
    {
        CtrSpecIdMapping[] sorted = [.. ranges.OrderBy(r => r.ContainerId)];
        RequireApart(sorted, r => r.ContainerId, $"ids of the container ({kind}s)");
        RequireApart([.. ranges.OrderBy(r => r.HostId)], r => r.HostId, $"ids of the host ({kind}s)");
        if (sorted[0].ContainerId != 0)
        {
            throw Invalid(
                $"The mapping of {kind}s does not have the container's {kind} 0: its processes could not start.",
                "Map id 0 of the container, as in 0:100000:65536.",
                sorted[0]
            );
        }

        return sorted.Length <= MaxRanges
            ? sorted
            : throw Invalid(
                $"The mapping of {kind}s has {sorted.Length} ranges; the kernel accepts {MaxRanges}.",
                "Use fewer and larger ranges.",
                sorted[0]
            );
    }

    private static void RequireApart(CtrSpecIdMapping[] sorted, Func<CtrSpecIdMapping, uint> first, string what)
    {
        foreach (var (before, after) in sorted.Zip(sorted.Skip(1)))
        {
            if (first(before) + (long)before.Size > first(after))
                throw Invalid($"The id mappings '{before}' and '{after}' overlap: both have the same {what}.", "Map each id once.", after);
        }
    }

    private static CtrArgumentException Invalid(string message, string remedy, CtrSpecIdMapping subject) =>
        new(message)
        {
            ErrorId = ErrorIds.InvalidIdMap,
            Subject = subject.ToString(),
            Remedy = remedy,
        };

    private static uint? Find(CtrSpecIdMapping[] ranges, uint id)
    {
        foreach (var range in ranges)
        {
            if (id >= range.ContainerId && id - range.ContainerId < range.Size)
                return range.HostId + (id - range.ContainerId);
        }

        return null;
    }
}

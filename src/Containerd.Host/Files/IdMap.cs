using System.Globalization;

namespace Containerd.Host.Files;

/// <summary>
/// The mapping of users and groups between a container with a user namespace and its host. The owner of a copied file keeps its id inside
/// the container; an owner without one keeps the id on the host.
/// </summary>
internal sealed class IdMap(IReadOnlyList<CtrSpecIdMapping> users, IReadOnlyList<CtrSpecIdMapping> groups)
{
    /// <summary>The identity mapping.</summary>
    internal static IdMap None { get; } = new([], []);

    /// <summary>The mapping in the spec of a container.</summary>
    internal static IdMap Of(CtrSpec? spec) =>
        spec?.Linux is { } linux && (linux.Namespaces ?? []).Any(n => n.Type == "user")
            ? new(linux.UidMappings ?? [], linux.GidMappings ?? [])
            : None;

    /// <summary>The mapping of a process.</summary>
    /// <param name="folder">Its folder in /proc.</param>
    /// <exception cref="IOException">It has ended.</exception>
    internal static IdMap OfProcess(string folder) => new(Read(folder + "/uid_map"), Read(folder + "/gid_map"));

    internal (uint Uid, uint Gid) Inside(uint uid, uint gid) =>
        (Map(users, uid, m => (m.HostId, m.ContainerId)), Map(groups, gid, m => (m.HostId, m.ContainerId)));

    internal (uint Uid, uint Gid) Outside(uint uid, uint gid) =>
        (Map(users, uid, m => (m.ContainerId, m.HostId)), Map(groups, gid, m => (m.ContainerId, m.HostId)));

    private static uint Map(IReadOnlyList<CtrSpecIdMapping> ranges, uint id, Func<CtrSpecIdMapping, (uint From, uint To)> direction)
    {
        foreach (var range in ranges)
        {
            var (from, to) = direction(range);
            if (id >= from && id - from < range.Size)
                return to + (id - from);
        }

        return id;
    }

    private static CtrSpecIdMapping[] Read(string file) =>
        [
            .. from line in File.ReadLines(file)
            let numbers = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(n => uint.Parse(n, CultureInfo.InvariantCulture))
                .ToArray()
            where numbers.Length == 3
            select new CtrSpecIdMapping
            {
                ContainerId = numbers[0],
                HostId = numbers[1],
                Size = numbers[2],
            },
        ];
}

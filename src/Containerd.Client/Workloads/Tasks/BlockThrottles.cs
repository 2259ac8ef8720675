using System.Globalization;

namespace Containerd.Client.Workloads.Tasks;

/// <summary>
/// Rate limits of block devices. runc before 1.2 silently ignores changes to them, so the effect is verified in the control group.
/// </summary>
internal static class BlockThrottles
{
    private static readonly (
        string File,
        string Key,
        Func<CtrSpecBlockIO, CtrSpecThrottleDevice[]?> Get,
        Action<CtrSpecBlockIO, CtrSpecThrottleDevice[]?> Set
    )[] Kinds =
    [
        ("blkio.throttle.read_bps_device", "rbps", b => b.ThrottleReadBpsDevice, (b, d) => b.ThrottleReadBpsDevice = d),
        ("blkio.throttle.write_bps_device", "wbps", b => b.ThrottleWriteBpsDevice, (b, d) => b.ThrottleWriteBpsDevice = d),
        ("blkio.throttle.read_iops_device", "riops", b => b.ThrottleReadIopsDevice, (b, d) => b.ThrottleReadIopsDevice = d),
        ("blkio.throttle.write_iops_device", "wiops", b => b.ThrottleWriteIopsDevice, (b, d) => b.ThrottleWriteIopsDevice = d),
    ];

    /// <summary>Only the rate limits of a change; null if it has none.</summary>
    internal static CtrSpecResources? Of(CtrSpecResources change) => Select(change, static (_, limit) => limit.Rate);

    /// <summary>The change that undoes a change of rates: a rate of 0 means no limit.</summary>
    internal static CtrSpecResources? Before(
        CtrSpecResources change,
        IReadOnlyDictionary<(string Kind, long Major, long Minor), ulong> rates
    ) => Select(change, (kind, limit) => rates.GetValueOrDefault((kind, limit.Major, limit.Minor)));

    /// <summary>Whether all rates of a change are in effect.</summary>
    internal static bool AreIn(CtrSpecResources change, IReadOnlyDictionary<(string Kind, long Major, long Minor), ulong> rates) =>
        change.BlockIO is not { } block
        || Kinds.All(kind =>
            (kind.Get(block) ?? []).All(limit => rates.GetValueOrDefault((kind.Key, limit.Major, limit.Minor)) == limit.Rate)
        );

    /// <summary>The rates in effect for a process, from its control group.</summary>
    /// <param name="root">The daemon's root folder.</param>
    /// <param name="pid">The process.</param>
    /// <returns>The rates by kind and device; null if they cannot be read.</returns>
    internal static IReadOnlyDictionary<(string Kind, long Major, long Minor), ulong>? Read(string root, int pid)
    {
        try
        {
            var groups = File.ReadAllLines($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/cgroup")
                .Select(line => line.Split(':', 3))
                .ToList();
            var rates = new Dictionary<(string Kind, long Major, long Minor), ulong>();
            if (groups.Find(g => g[1].Split(',').Contains("blkio")) is { } first)
            {
                foreach (var kind in Kinds)
                {
                    foreach (var line in File.ReadAllLines($"{root}/sys/fs/cgroup/blkio{first[2]}/{kind.File}"))
                        Add(line, (device, value) =>
                            rates[(kind.Key, device.Major, device.Minor)] = ulong.Parse(value[0], CultureInfo.InvariantCulture)
                        );
                }

                return rates;
            }

            if (groups.Find(g => g[0] == "0") is not { } second)
                return null;
            foreach (var line in File.ReadAllLines($"{root}/sys/fs/cgroup{second[2]}/io.max"))
            {
                Add(line, (device, values) =>
                {
                    foreach (var value in values.Select(v => v.Split('=')).Where(v => v.Length == 2 && v[1] != "max"))
                        rates[(value[0], device.Major, device.Minor)] = ulong.Parse(value[1], CultureInfo.InvariantCulture);
                });
            }

            return rates;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException or OverflowException)
        {
            return null;
        }
    }

    private static void Add(string line, Action<(long Major, long Minor), string[]> add)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var device = words.Length > 1 ? words[0].Split(':') : [];
        if (device.Length == 2)
            add((long.Parse(device[0], CultureInfo.InvariantCulture), long.Parse(device[1], CultureInfo.InvariantCulture)), words[1..]);
    }

    private static CtrSpecResources? Select(CtrSpecResources change, Func<string, CtrSpecThrottleDevice, ulong> rate)
    {
        if (change.BlockIO is not { } block || Kinds.All(kind => kind.Get(block) is null or []))
            return null;
        var selected = new CtrSpecBlockIO();
        foreach (var kind in Kinds)
        {
            if (kind.Get(block) is { Length: > 0 } limits)
                kind.Set(
                    selected,
                    [
                        .. limits.Select(l => new CtrSpecThrottleDevice
                        {
                            Major = l.Major,
                            Minor = l.Minor,
                            Rate = rate(kind.Key, l),
                        }),
                    ]
                );
        }

        return new CtrSpecResources { BlockIO = selected };
    }
}

using System.Text.Json.Nodes;

namespace Containerd.Host.Networks.Configuration;

/// <summary>A range of addresses of a network.</summary>
internal sealed record CniSubnet
{
    /// <summary>The subnet, as 10.4.0.0/24.</summary>
    internal string Subnet { get; init; } = "";

    /// <summary>The gateway; null for the subnet's first address.</summary>
    internal string? Gateway { get; init; }

    /// <summary>The first address for containers; null for the subnet's first free one.</summary>
    internal string? RangeStart { get; init; }

    /// <summary>The last address for containers; null for the subnet's last one.</summary>
    internal string? RangeEnd { get; init; }

    /// <summary>The subnets in the plugins' ipam objects: in ranges, or, in old files, directly.</summary>
    internal static IReadOnlyList<CniSubnet> Of(IEnumerable<JsonObject> plugins)
    {
        var subnets = new List<CniSubnet>();
        foreach (var ipam in plugins.Select(p => p["ipam"]).OfType<JsonObject>())
        {
            if (Read(ipam) is { } single)
                subnets.Add(single);
            foreach (var set in (ipam["ranges"] as JsonArray ?? []).OfType<JsonArray>())
                subnets.AddRange(CniJson.Objects(set).Select(Read).OfType<CniSubnet>());
            subnets.AddRange(
                CniJson
                    .Objects(ipam["addresses"])
                    .Select(a => new CniSubnet { Subnet = CniJson.Text(a["address"]) ?? "", Gateway = CniJson.Text(a["gateway"]) })
                    .Where(s => s.Subnet.Length > 0)
            );
        }

        return subnets;
    }

    private static CniSubnet? Read(JsonObject range) =>
        CniJson.Text(range["subnet"]) is { } subnet
            ? new()
            {
                Subnet = subnet,
                Gateway = CniJson.Text(range["gateway"]),
                RangeStart = CniJson.Text(range["rangeStart"]),
                RangeEnd = CniJson.Text(range["rangeEnd"]),
            }
            : null;
}

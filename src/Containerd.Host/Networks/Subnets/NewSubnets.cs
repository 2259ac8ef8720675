using System.Net;
using Containerd.Host.Networks.Configuration;

namespace Containerd.Host.Networks.Subnets;

/// <summary>The subnets of a new network: those that the caller specifies, checked, or free ones.</summary>
/// <param name="allocator">Knows the subnets in use.</param>
/// <param name="first">The subnet at which the search for a free one begins.</param>
/// <param name="hasV6">Whether the kernel of the host has IPv6.</param>
internal sealed class NewSubnets(SubnetAllocator allocator, IpSubnet first, bool hasV6)
{
    /// <summary>Chooses the subnets.</summary>
    /// <param name="subnets">The specified subnets, at most one of each kind.</param>
    /// <param name="gateways">The specified gateways, each in one of the subnets.</param>
    /// <param name="ranges">The specified ranges, each in one of the subnets.</param>
    /// <param name="wantsV6">Whether it has an IPv6 subnet even if none is specified.</param>
    internal IReadOnlyList<CniSubnet> Choose(
        IReadOnlyList<string> subnets,
        IReadOnlyList<string> gateways,
        IReadOnlyList<string> ranges,
        bool wantsV6
    )
    {
        var chosen = subnets.Select(Given).ToList();
        if (chosen.GroupBy(subnet => subnet.IsV6).FirstOrDefault(group => group.Count() > 1) is { } several)
            throw Invalid(
                several.Last().ToString(),
                $"The network can have only one {(several.Key ? "IPv6" : "IPv4")} subnet.",
                "Specify one IPv4 subnet, one IPv6 subnet, or one of each."
            );
        if ((wantsV6 || chosen.Exists(subnet => subnet.IsV6)) && !hasV6)
            throw new CtrNotSupportedException("The network cannot have IPv6 addresses: the kernel of the host has no IPv6.")
            {
                ErrorId = ErrorIds.NetworkNotSupported,
                Remedy = "Omit the IPv6 subnet, or enable IPv6 on the host.",
            };
        if (chosen.Count == 0)
            chosen.Add(allocator.FindV4(first) ?? throw Exhausted());
        if (wantsV6 && !chosen.Exists(subnet => subnet.IsV6))
            chosen.Add(allocator.FindV6() ?? throw Exhausted());
        return [.. Complete(chosen, gateways, ranges)];
    }

    private static IEnumerable<CniSubnet> Complete(List<IpSubnet> subnets, IReadOnlyList<string> gateways, IReadOnlyList<string> ranges)
    {
        var routers = gateways.ToDictionary(text => text, text => Gateway(subnets, text), StringComparer.Ordinal);
        var limits = ranges
            .Distinct(StringComparer.Ordinal)
            .ToDictionary(text => text, text => Range(subnets, text), StringComparer.Ordinal);
        foreach (var subnet in subnets)
        {
            var own = routers.Values.Where(subnet.Contains).ToList();
            if (own.Count > 1)
                throw Invalid(own[1].ToString(), $"The subnet {subnet} can have only one gateway.", "Specify one gateway for each subnet.");
            var range = limits.Where(limit => subnet.Contains(limit.Value.First)).ToList();
            if (range.Count > 1)
                throw Invalid(range[1].Key, $"The subnet {subnet} can have only one range.", "Specify one range for each subnet.");
            yield return new CniSubnet
            {
                Subnet = subnet.ToString(),
                Gateway = (own is [var gateway] ? gateway : subnet.FirstHost).ToString(),
                RangeStart = range is [var first] ? first.Value.First.ToString() : null,
                RangeEnd = range is [var last] ? last.Value.Last.ToString() : null,
            };
        }
    }

    private static IPAddress Gateway(List<IpSubnet> subnets, string text)
    {
        if (!AddressText.TryParse(text, out var address))
            throw Invalid(text, $"'{text}' is not an IP address.", "Specify the address of the gateway, such as 10.4.1.1.");
        return subnets.Exists(subnet => subnet.IsHost(address))
            ? address
            : throw Invalid(
                text,
                $"The gateway {text} is not an address of a host in {string.Join(" or ", subnets)}.",
                "Specify an address of the subnet; by default it is the first one."
            );
    }

    /// <summary>Reads a range: a smaller subnet, or its first and last address.</summary>
    private static (IPAddress First, IPAddress Last) Range(List<IpSubnet> subnets, string text)
    {
        IPAddress first,
            last;
        if (IpSubnet.TryParse(text) is { } part)
            (first, last) = (part.First, part.Last);
        else if (text.Split('-') is not [var from, var to] || !AddressText.TryParse(from, out first) || !AddressText.TryParse(to, out last))
            throw Invalid(text, $"'{text}' is not a range of addresses.", "Specify a range such as 10.4.1.128/25 or 10.4.1.10-10.4.1.20.");
        var index = subnets.FindIndex(subnet => subnet.Contains(first) && subnet.Contains(last));
        if (index < 0 || IpSubnet.IsBefore(last, first))
            throw Invalid(
                text,
                index < 0 ? $"The range {text} is not in {string.Join(" or ", subnets)}." : $"The range {text} ends before it begins.",
                "Specify a range of the subnet."
            );
        var whole = subnets[index];
        return (
            IpSubnet.IsBefore(first, whole.FirstHost) ? whole.FirstHost : first,
            IpSubnet.IsBefore(whole.LastHost, last) ? whole.LastHost : last
        );
    }

    private IpSubnet Given(string text)
    {
        if (IpSubnet.TryParse(text, out var address) is not { } subnet)
            throw Invalid(text, $"'{text}' is not a subnet.", "Specify an address and the length of the prefix, such as 10.4.1.0/24.");
        if (!address.Equals(subnet.First))
            throw Invalid(text, $"'{text}' is not a subnet, but an address in {subnet}.", $"Specify {subnet}.");
        if ((subnet.IsV6 ? 128 : 32) - subnet.Prefix < 2 || subnet.Prefix == 0)
            throw Invalid(
                text,
                $"The subnet {text} is too {(subnet.Prefix == 0 ? "large" : "small")}.",
                "Specify a subnet such as 10.4.1.0/24."
            );
        if (allocator.FindUser(subnet) is not { } user)
            return subnet;
        throw new CtrConflictException($"The subnet {subnet} overlaps with {user.Subnet} of {user.User}.")
        {
            ErrorId = ErrorIds.SubnetInUse,
            Subject = text,
            Remedy = "Specify another subnet, or none: then a free one is chosen.",
        };
    }

    private static CtrConflictException Exhausted() =>
        new("No subnet is free: interfaces, routes and networks use all that could be chosen.")
        {
            ErrorId = ErrorIds.SubnetInUse,
            Remedy = "Specify a subnet that is not in use, or remove networks that are not needed.",
        };

    private static CtrArgumentException Invalid(string subject, string message, string remedy) =>
        new(message)
        {
            ErrorId = ErrorIds.InvalidSubnet,
            Subject = subject,
            Remedy = remedy,
        };
}

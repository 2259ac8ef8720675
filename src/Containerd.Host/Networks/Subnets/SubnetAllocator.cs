using System.Net;
using System.Security.Cryptography;

namespace Containerd.Host.Networks.Subnets;

/// <summary>Chooses subnets for networks: none that an interface or route of the host, another network, or another engine uses.</summary>
/// <param name="used">All subnets in use.</param>
internal sealed class SubnetAllocator(IReadOnlyList<UsedSubnet> used)
{
    /// <summary>The subnet of the default network; it is the same as that of nerdctl.</summary>
    internal static readonly IpSubnet Default = IpSubnet.TryParse("10.4.0.0/24")!.Value;

    /// <summary>Where a search ends: the last subnet before those of 10.0.0.0/8 that are used up.</summary>
    private static readonly IPAddress LastV4 = IPAddress.Parse("10.255.255.0");

    /// <summary>Unique local addresses (RFC 4193): the next 40 bits are random, and 16 bits number the subnets.</summary>
    private const byte UniqueLocal = 0xfd;

    private const int V6Prefix = 64;

    private const int Attempts = 100;

    /// <summary>A free IPv4 subnet of 256 addresses; null if there is none.</summary>
    /// <param name="first">The subnet at which the search begins.</param>
    internal IpSubnet? FindV4(IpSubnet first)
    {
        for (var candidate = first; ; candidate = candidate.Next())
        {
            if (FindUser(candidate) is null)
                return candidate;
            if (candidate.First.Equals(LastV4))
                return null;
        }
    }

    /// <summary>A free IPv6 subnet of unique local addresses; null if routes use them all.</summary>
    internal IpSubnet? FindV6()
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var bytes = new byte[16];
            bytes[0] = UniqueLocal;
            RandomNumberGenerator.Fill(bytes.AsSpan(1, 5));
            var candidate = new IpSubnet(new IPAddress(bytes), V6Prefix);
            if (FindUser(candidate) is null)
                return candidate;
        }

        return null;
    }

    /// <summary>What uses addresses of a subnet; null for none.</summary>
    internal UsedSubnet? FindUser(IpSubnet subnet) => used.FirstOrDefault(other => other.Subnet.Overlaps(subnet));
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Containerd.Host.Networks.Subnets;

/// <summary>An IPv4 or IPv6 subnet: its addresses have the first bits in common.</summary>
internal readonly record struct IpSubnet
{
    private const int V4Bits = 32;
    private const int V6Bits = 128;

    private readonly UInt128 _first;

    internal IpSubnet(IPAddress address, int prefix)
    {
        IsV6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        Prefix = prefix;
        _first = Number(address) & ~HostMask;
    }

    /// <summary>Whether it is an IPv6 subnet.</summary>
    internal bool IsV6 { get; }

    /// <summary>The number of bits that its addresses have in common.</summary>
    internal int Prefix { get; }

    /// <summary>Its first address.</summary>
    internal IPAddress First => Address(_first);

    /// <summary>Its last address.</summary>
    internal IPAddress Last => Address(_first | HostMask);

    /// <summary>The first address that an interface can have.</summary>
    internal IPAddress FirstHost => HasReserved ? Address(_first + 1) : First;

    /// <summary>The last address that an interface can have: the last one of IPv4 is the broadcast address.</summary>
    internal IPAddress LastHost => !IsV6 && HasReserved ? Address((_first | HostMask) - 1) : Last;

    private int Bits => IsV6 ? V6Bits : V4Bits;

    /// <summary>A subnet of one or two addresses has no address of its own.</summary>
    private bool HasReserved => Bits - Prefix > 1;

    private UInt128 HostMask => Prefix == 0 && IsV6 ? UInt128.MaxValue : (UInt128.One << (Bits - Prefix)) - 1;

    /// <summary>Reads a subnet: an address and the length of its prefix.</summary>
    /// <param name="text">A text such as <c>10.4.0.0/24</c>.</param>
    /// <param name="address">The address of the text, which may be any of the subnet.</param>
    /// <returns>The subnet; null if the text has another form.</returns>
    internal static IpSubnet? TryParse(string text, out IPAddress address)
    {
        address = IPAddress.None;
        return
            text.Split('/') is [var first, var length]
            && AddressText.TryParse(first, out address)
            && int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var prefix)
            && prefix <= (address.AddressFamily == AddressFamily.InterNetworkV6 ? V6Bits : V4Bits)
            ? new IpSubnet(address, prefix)
            : null;
    }

    /// <inheritdoc cref="TryParse(string, out IPAddress)"/>
    internal static IpSubnet? TryParse(string text) => TryParse(text, out _);

    /// <summary>Whether an address belongs to it.</summary>
    internal bool Contains(IPAddress address) =>
        IsV6 == (address.AddressFamily == AddressFamily.InterNetworkV6) && (Number(address) & ~HostMask) == _first;

    /// <summary>
    /// Whether an interface can have an address: it belongs to the subnet, and is neither its own nor the broadcast address.
    /// </summary>
    internal bool IsHost(IPAddress address) =>
        Contains(address) && (!HasReserved || !address.Equals(First)) && (IsV6 || !HasReserved || !address.Equals(Last));

    /// <summary>Whether two subnets have an address in common.</summary>
    internal bool Overlaps(IpSubnet other) =>
        IsV6 == other.IsV6 && (Prefix <= other.Prefix ? Contains(other.First) : other.Contains(First));

    /// <summary>The subnet of the same size that follows it.</summary>
    internal IpSubnet Next() => new(Address(_first + HostMask + 1), Prefix);

    /// <summary>Whether an address comes before another of the same kind.</summary>
    internal static bool IsBefore(IPAddress first, IPAddress second) => Number(first) < Number(second);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First}/{Prefix}");

    private static UInt128 Number(IPAddress address)
    {
        var number = UInt128.Zero;
        foreach (var part in address.GetAddressBytes())
            number = (number << 8) | part;
        return number;
    }

    private IPAddress Address(UInt128 number)
    {
        var bytes = new byte[Bits / 8];
        for (var i = bytes.Length - 1; i >= 0; i--, number >>= 8)
            bytes[i] = (byte)number;
        return new IPAddress(bytes);
    }
}

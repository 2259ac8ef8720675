namespace Containerd.Host.Networks.Subnets;

/// <summary>A subnet that a new network must not overlap.</summary>
/// <param name="Subnet">The subnet.</param>
/// <param name="User">What uses it, for the text after "overlaps with 10.4.0.0/24 of".</param>
internal sealed record UsedSubnet(IpSubnet Subnet, string User);

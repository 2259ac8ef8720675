namespace Containerd.Client;

/// <summary>The networks of a daemon.</summary>
/// <param name="Networks">The networks, by name.</param>
/// <param name="Problems">One error for each file that cannot be used. The other networks still work.</param>
public sealed record NetworkListing(IReadOnlyList<CtrNetwork> Networks, IReadOnlyList<CtrException> Problems);

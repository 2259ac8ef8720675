using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Workloads.Networks;

/// <summary>The networks of a new container.</summary>
/// <param name="Request">The request for the helper program, without the files.</param>
/// <param name="HasV6">Whether the container has IPv6 addresses.</param>
/// <param name="HasNameServer">Whether a network of it has a name server, which forwards other requests to those of the host.</param>
internal sealed record PlannedNetworks(NetworkRequest Request, bool HasV6, bool HasNameServer);

using Containerd.Client.Records;
using Containerd.Client.Workloads.Networks;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Workloads.Checkpoints;

/// <summary>
/// The networks of a container that is created from a checkpoint: the same ones, with the same ports and names. Hooks, files and ids of the
/// saved container are not used, because they belong to another container, or come from another daemon.
/// </summary>
internal static class RestoredNetwork
{
    /// <summary>The options for the new container.</summary>
    /// <param name="spec">The saved spec.</param>
    /// <param name="labels">The saved labels.</param>
    internal static ContainerNetworkOptions Of(CtrSpec spec, IReadOnlyDictionary<string, string> labels)
    {
        if (labels.TryGetValue(ContainerNetworks.SharedLabel, out var other))
            return new ContainerNetworkOptions { Networks = [ContainerNetworks.SharedPrefix + other] };
        if (ContainerNetworks.RequestOf(spec) is not { } request)
            return new ContainerNetworkOptions();
        var addresses = request.Networks.SelectMany(n => n.Addresses).ToList();
        var saved = labels.TryGetValue(ContainerNetworks.AddressLabel, out var text) ? ContainerNetworks.ReadAddresses(text) : [];
        return new ContainerNetworkOptions
        {
            Networks = [.. request.Networks.Select(n => n.Name)],
            Ports = [.. ContainerNetworks.ToMappings(request.Ports)],
            IPAddress = addresses.Find(a => !a.Contains(':', StringComparison.Ordinal)),
            IPv6Address = addresses.Find(a => a.Contains(':', StringComparison.Ordinal)),
            MacAddress = request.Networks is [{ Mac: var mac }, ..] ? mac : null,
            Aliases = request.Networks is [{ Aliases: var aliases }, ..] ? aliases : [],
            Restored = request.Networks,
            DnsServers = request.Dns?.Servers ?? [],
            DnsSearch = request.Dns?.Search ?? [],
            DnsOptions = request.Dns?.Options ?? [],
            HostEntries = [.. request.Hosts.Select(h => new CtrHostEntry { Name = h.Name, Address = h.Address })],
            PreferredAddresses = saved.ToDictionary(pair => pair.Key.Network, pair => (IReadOnlyList<string>)pair.Value),
        };
    }

    /// <summary>Removes what belongs to the saved container from a spec.</summary>
    internal static void Remove(CtrSpec spec)
    {
        spec.Annotations?.Remove(NetworkRequest.Annotation);
        spec.Mounts = spec.Mounts?.Where(mount => !NetworkFiles.IsFile(mount)).ToArray();
        if (spec.Hooks is not { } hooks)
            return;
        hooks.CreateRuntime = hooks.CreateRuntime?.Where(hook => !NetworkHooks.IsOurs(hook)).ToArray();
        hooks.Poststop = hooks.Poststop?.Where(hook => !NetworkHooks.IsOurs(hook)).ToArray();
    }
}

using System.Runtime.Versioning;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Attachments;

/// <summary>Attaches a container to one network. The caller holds the lock, and undoes the attachment if it fails.</summary>
[SupportedOSPlatform("linux")]
internal static class NetworkAttacher
{
    /// <summary>Attaches the container.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="preferred">The addresses that it gets if they are free and none were requested.</param>
    /// <param name="budget">The time for all plugins.</param>
    internal static AttachedNetwork Attach(AttachmentPlan plan, IReadOnlyList<string> preferred, TimeBudget budget)
    {
        var entry = Run(plan, preferred, budget);
        RequireAddresses(plan, entry);
        if (plan.Network is { IsMarkedInternal: true, HasNameServer: true, HostInterface: { } bridge })
            KeepInside(bridge);
        return Describe(plan, entry);
    }

    /// <summary>
    /// An internal network with a name server has an address of the host, by which a container with the capability NET_RAW or NET_ADMIN
    /// could send packets to any other network. The setting belongs to the bridge, so there is nothing to remove. IPv6 has no such setting.
    /// </summary>
    private static void KeepInside(string bridge) => File.WriteAllText($"/proc/sys/net/ipv4/conf/{bridge}/forwarding", "0");

    private static CniCacheEntry Run(AttachmentPlan plan, IReadOnlyList<string> preferred, TimeBudget budget)
    {
        var folders = plan.Request.Folders;
        var isPreferred = plan.Requested.Addresses.Count == 0 && preferred.Count > 0;
        var entry = plan.Entry(preferred);
        try
        {
            return CniChain.Attach(folders, plan.Network, entry, budget);
        }
        catch (CniPluginException e) when (isPreferred && (e.IsAddressInUse || e.IsAddressOutside))
        {
            if (CniChain.Detach(folders, entry, folders.PinOf(plan.Request.Attachment), budget) is [var error, ..])
                throw error;
            return Run(plan, [], budget);
        }
        catch (CniPluginException e)
        {
            throw e.ToError(plan.Network.Name, plan.Requested.Addresses);
        }
    }

    private static void RequireAddresses(AttachmentPlan plan, CniCacheEntry entry)
    {
        var got = entry.Addresses.Select(a => a.Split('/')[0]).ToList();
        foreach (var address in plan.Requested.Addresses)
        {
            if (!got.Exists(a => System.Net.IPAddress.TryParse(a, out var one) && one.Equals(System.Net.IPAddress.Parse(address))))
            {
                throw new CtrNotSupportedException(
                    $"The network '{plan.Network.Name}' did not assign the address {address}: its plugins choose addresses themselves."
                )
                {
                    ErrorId = ErrorIds.NetworkAddressOutside,
                    Subject = address,
                    Remedy = "Use another network, or no address.",
                };
            }
        }
    }

    private static AttachedNetwork Describe(AttachmentPlan plan, CniCacheEntry entry)
    {
        // Of several interfaces with this name, that of the container has a sandbox.
        var own = CniJson
            .Objects(entry.Result?["interfaces"])
            .FirstOrDefault(i => CniJson.Text(i["name"]) == entry.Interface && CniJson.Text(i["sandbox"]) is { Length: > 0 });
        var gateways = CniJson.Objects(entry.Result?["ips"]).Select(ip => CniJson.Text(ip["gateway"])).OfType<string>().ToList();
        return new()
        {
            Name = plan.Network.Name,
            Interface = entry.Interface,
            Mac = CniJson.Text(own?["mac"]) ?? "",
            Addresses = entry.Addresses,
            Gateways = gateways,
            NameServers = plan.Network.HasNameServer ? gateways : [],
            IsInternal = plan.Network.IsInternal,
        };
    }
}

using System.Runtime.Versioning;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Names;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;
using Containerd.Host.Networks.Rules;

namespace Containerd.Host.Networks.Attachments;

/// <summary>
/// Adds the rules of containers that run again, after another program removed them (a reload of firewalld, <c>nft flush ruleset</c>). The
/// interfaces and addresses of the containers do not change, and rules that exist are not added twice.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class NetworkRepair(RepairRequest request)
{
    private readonly NetworkFolders _folders = request.Folders;
    private readonly TimeBudget _budget = new(TimeSpan.FromMinutes(5));

    /// <summary>Repairs, in the calling thread's network namespace.</summary>
    internal RepairReport Run()
    {
        var errors = new List<CtrException>();
        var attachments = RepairRules(errors);
        var servers = new NameServerRepair(_folders, request.Networks).Run(request.IsTest, errors);
        return new()
        {
            Attachments = attachments,
            NameServers = servers,
            Failures = [.. errors.Select(NetworkFailure.Of)],
        };
    }

    private List<RepairedAttachment> RepairRules(List<CtrException> errors)
    {
        using var held = NetworkLock.Take(_folders, NetworkLimits.Lock);
        var attachments = new List<RepairedAttachment>();
        var rules = FirewallRules.Read(_budget);
        foreach (var record in AttachmentRecord.ReadAll(_folders).Where(r => r.Complete && r.IsAlive()))
        {
            foreach (
                var entry in CniCacheEntry
                    .ReadAll(_folders.Results, record.Request.Attachment)
                    .Where(e => e.Result is not null && request.Networks?.Contains(e.Network) != false)
                    // A network that could not be disconnected completely is not in the record.
                    .Where(e => record.Has(e.Network, e.Interface))
            )
            {
                try
                {
                    if (!Repair(CniChain.NetworkOf(_folders, entry), entry, rules))
                        continue;
                    attachments.Add(
                        new()
                        {
                            Namespace = record.Request.Namespace,
                            Container = record.Request.Container,
                            Network = entry.Network,
                            Interface = entry.Interface,
                        }
                    );
                }
                catch (CniPluginException e)
                {
                    errors.Add(e.ToError(entry.Network, []));
                }
                catch (CtrException e)
                {
                    errors.Add(e);
                }
            }
        }

        return attachments;
    }

    /// <returns>Whether rules were missing.</returns>
    private bool Repair(CniNetwork network, CniCacheEntry entry, FirewallRules rules)
    {
        var masquerading = network.Plugins.Any(Masquerading.IsDoneBy) && !Masquerading.Exists(rules, network, entry);
        var nftables = PublishedPorts.UseNftables(network);
        var ports = PublishedPorts.Has(entry) && !PortRules.Exist(rules, entry, nftables);
        var forwarding = network.Plugins.Any(ForwardRules.IsDoneBy) && !ForwardRules.Exist(rules, network, entry);
        if (request.IsTest || !(masquerading || ports || forwarding))
            return masquerading || ports || forwarding;
        if (masquerading && !Masquerading.Add(network, entry, _budget))
            throw new CtrRuntimeException(
                $"The rules for masquerading of the container '{entry.ContainerId}' in the network '{entry.Network}' cannot be added."
            )
            {
                ErrorId = ErrorIds.NetworkRepairFailed,
                Subject = entry.Network,
                Remedy = "Check iptables or nft on the daemon's host.",
            };
        if (ports && nftables)
            // It would add rules that exist again: some of them may.
            CniChain.Repeat(_folders, entry, PublishedPorts.IsPublisher, _budget, isRemoved: true);
        if (ports || forwarding)
            CniChain.Repeat(
                _folders,
                entry,
                p => (ports && PublishedPorts.IsPublisher(p)) || (forwarding && ForwardRules.IsDoneBy(p)),
                _budget
            );
        return true;
    }
}

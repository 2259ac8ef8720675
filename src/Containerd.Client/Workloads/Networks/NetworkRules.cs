using System.Runtime.Versioning;
using Containerd.Client.Records;
using Containerd.Host.Networks.Requests;

namespace Containerd.Client.Workloads.Networks;

/// <summary>The rules of running containers of a daemon, in all its namespaces: those that are missing, and how they are added.</summary>
[SupportedOSPlatform("linux")]
internal sealed class NetworkRules(RecordScope ns, NetworkHost host)
{
    /// <summary>The attachments whose rules are missing, and why others cannot be examined.</summary>
    internal Task<RepairReport> ExamineAsync(CancellationToken cancellationToken) => RunAsync(null, isTest: true, cancellationToken);

    /// <summary>Adds the rules that are missing.</summary>
    /// <param name="networks">The names of networks; null for all.</param>
    /// <param name="cancellationToken">The token to monitor for cancellation requests.</param>
    internal async Task<IReadOnlyList<CtrNetworkAttachment>> RepairAsync(
        IReadOnlyList<string>? networks,
        CancellationToken cancellationToken
    )
    {
        var report = await RunAsync(networks, isTest: false, cancellationToken).ConfigureAwait(false);
        if (report.Failures is [var failure, ..])
            throw failure.ToException(null);
        var users = await NetworkUsers.AllAsync(ns, cancellationToken).ConfigureAwait(false);
        return
        [
            .. users.SelectMany(c =>
                c.Networks.Where(n =>
                    (n.Gateways.Length > 0 && report.NameServers.Contains(n.Network))
                    || report.Attachments.Any(a =>
                        a.Namespace == c.Namespace && a.Container == c.ContainerId && a.Network == n.Network && a.Interface == n.Interface
                    )
                )
            ),
        ];
    }

    private Task<RepairReport> RunAsync(IReadOnlyList<string>? networks, bool isTest, CancellationToken cancellationToken) =>
        new HelperRules(ns, host).RepairAsync(
            new RepairRequest
            {
                Folders = host.Folders,
                IsTest = isTest,
                Networks = networks,
            },
            cancellationToken
        );
}

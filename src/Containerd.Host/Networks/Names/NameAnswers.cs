using System.Net;
using System.Runtime.Versioning;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Names;

/// <summary>Whether name servers answer, asked from the network namespaces of containers: that also finds a firewall in between.</summary>
[SupportedOSPlatform("linux")]
internal static class NameAnswers
{
    private const int Step = 50;

    // Longer than a loaded host delays an answer, and short enough for several attempts.
    private const int LongestPatience = 1000;

    // If no time remains, a server that works answers in time nevertheless.
    private const int ShortestPatience = 200;

    /// <summary>Asks for a container, from itself.</summary>
    /// <returns>The first address of the network's name server that does not answer; null if all do.</returns>
    internal static string? Missing(AttachmentRecord container, AttachedNetwork network, TimeBudget budget) =>
        Missing(container, network, container, network, budget);

    /// <summary>Asks for a container of a network, from another one, until the time limit.</summary>
    /// <returns>The first address of the network's name server that does not answer; null if all do.</returns>
    internal static string? Missing(
        AttachmentRecord from,
        AttachedNetwork network,
        AttachmentRecord container,
        AttachedNetwork target,
        TimeBudget budget
    )
    {
        var pin = from.Request.Folders.PinOf(from.Request.Attachment);
        // The id first: others may have the same alias, and answer before the server has read the file again.
        var name = container.NamesIn(network.Name).Prepend(container.Request.Container).FirstOrDefault(NameQuery.IsName);
        var hasV6 = target.Addresses.All(a => a.Contains(':', StringComparison.Ordinal));
        foreach (var address in network.NameServers)
        {
            // A name that DNS does not allow can only be asked for in vain.
            while (!(NameQuery.Ask(pin, IPAddress.Parse(address), name ?? "localhost", hasV6, Patience()) > (name is null ? -1 : 0)))
            {
                if (budget.Remaining == TimeSpan.Zero)
                    return address;
                Thread.Sleep(Step);
            }
        }

        return null;

        int Patience() => Math.Clamp((int)budget.Remaining.TotalMilliseconds, ShortestPatience, LongestPatience);
    }
}

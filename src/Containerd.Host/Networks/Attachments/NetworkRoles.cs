using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Attachments;

/// <summary>
/// The two networks of a container that runs which have its default routes and its published ports. Whatever an earlier change left, they
/// are exactly those of the plan afterwards, and the container has both all the time.
/// </summary>
/// <param name="change">What the container is to have.</param>
/// <param name="plans">The networks that it keeps, in their order.</param>
[SupportedOSPlatform("linux")]
internal sealed class NetworkRoles(ChangeRequest change, IReadOnlyList<AttachmentPlan> plans)
{
    private readonly NetworkFolders _folders = change.Request.Folders;

    /// <summary>Moves both. If it fails, the former networks have them.</summary>
    /// <param name="published">The ports that the container publishes by its record.</param>
    /// <exception cref="CtrException">A plugin failed, or another container has a port.</exception>
    internal void Move(IReadOnlyList<RequestedPort> published)
    {
        var gateway = DefaultRoutes.Choose(_folders, Kept());
        var isBackup = gateway is not null && !DefaultRoutes.Has(gateway);
        if (isBackup)
            DefaultRoutes.AddBackup(_folders, gateway!);
        try
        {
            var restore = MovePorts(published);
            // After the ports: the answer to a new connection leaves by the default route, and is sent again if it was lost. The other way
            // round, the connection would stay on the former network, and no answer would arrive.
            try
            {
                if (gateway is not null)
                    DefaultRoutes.MoveTo(_folders, CniCacheEntry.Read(gateway.File)!, Entries());
            }
            catch (CtrException)
            {
                restore();
                throw;
            }
        }
        catch (CtrException) when (isBackup)
        {
            DefaultRoutes.RemoveBackup(_folders, gateway!);
            throw;
        }
    }

    /// <summary>The attachments that are in the plan, in its order.</summary>
    private IReadOnlyList<CniCacheEntry> Kept()
    {
        var entries = Entries();
        return [.. plans.Select(p => entries.FirstOrDefault(p.IsOf)).OfType<CniCacheEntry>()];
    }

    private IReadOnlyList<CniCacheEntry> Entries() => CniCacheEntry.ReadAll(_folders.Results, change.Request.Attachment);

    /// <summary>
    /// New ports come first, and may be those of another container that loses them afterwards. A failure leaves the former ones.
    /// </summary>
    /// <returns>What publishes the former ones again.</returns>
    private Action MovePorts(IReadOnlyList<RequestedPort> published)
    {
        var holders = Entries().Where(PublishedPorts.Has).ToList();
        var plan = plans.FirstOrDefault(p => p.HasPorts);
        var wanted = plan is null ? null : Entries().FirstOrDefault(plan.IsOf);
        var former = holders.Where(h => h.File != wanted?.File || !h.Ports.SequenceEqual(change.Request.Ports)).ToList();
        var isPublished = wanted is null || holders.Except(former).Any();
        if (former.Count == 0 && isPublished)
            return () => { };
        if (!published.SequenceEqual(change.Request.Ports))
            PortCheck.Check(change.Request, change.PortsFrom);
        // Its plugin removes the rules of all networks of a container with those of one.
        var isLate = holders.Append(wanted).OfType<CniCacheEntry>().Any(e => PublishedPorts.UseNftables(CniChain.NetworkOf(_folders, e)));
        var budget = new TimeBudget(NetworkLimits.Attach);
        try
        {
            // Two sets of ports on one network cannot exist at the same time.
            foreach (var one in former.Where(f => isLate || f.File == wanted?.File))
                PublishedPorts.Withdraw(_folders, one, budget);
            if (wanted is not null && (!isPublished || isLate))
                PublishedPorts.Publish(_folders, CniCacheEntry.Read(wanted.File)!, plan!.PortArguments(), budget);
            foreach (var one in former.Where(f => !isLate && f.File != wanted?.File))
                PublishedPorts.Withdraw(_folders, one, budget);
        }
        catch (CtrException)
        {
            Restore(holders, wanted);
            throw;
        }

        return () => Restore(holders, wanted);
    }

    /// <summary>Publishes the ports on the former networks again. A plugin that fails here, too, does not hide the first failure.</summary>
    private void Restore(IReadOnlyList<CniCacheEntry> holders, CniCacheEntry? wanted)
    {
        var budget = new TimeBudget(NetworkLimits.Detach);
        if (wanted is not null && CniCacheEntry.Read(wanted.File) is { } changed && PublishedPorts.Has(changed))
            Try(() => PublishedPorts.Withdraw(_folders, changed, budget));
        foreach (var one in holders)
            Try(() =>
                PublishedPorts.Publish(
                    _folders,
                    CniCacheEntry.Read(one.File) ?? one,
                    (JsonArray)one.Capabilities![AttachmentPlan.PortMappings]!.DeepClone(),
                    budget
                )
            );

        static void Try(Action action)
        {
            try
            {
                action();
            }
            catch (CtrException)
            {
                // The next change removes what is too much.
            }
        }
    }
}

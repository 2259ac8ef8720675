using System.Runtime.Versioning;
using Containerd.Host.Native;
using Containerd.Host.Networks.Configuration;
using Containerd.Host.Networks.Names;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Attachments;

/// <summary>
/// Connects a container that runs to further networks, and disconnects it from others, until it has those of a request; the same for its
/// published ports. The container keeps its other interfaces with their addresses. A failure before the first network is disconnected
/// undoes everything; a later one leaves what is disconnected, and the container has its default route and its ports.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class AttachmentChange
{
    private readonly ChangeRequest _change;
    private readonly NetworkRequest _target;
    private readonly NetworkFolders _folders;
    private readonly string _pin;

    /// <summary>Prepares the change.</summary>
    /// <param name="change">What the container is to have.</param>
    internal AttachmentChange(ChangeRequest change)
    {
        (_change, _target, _folders) = (change, change.Request, change.Request.Folders);
        _pin = _folders.PinOf(_target.Attachment);
    }

    /// <summary>Changes the attachment.</summary>
    /// <returns>The record after it; null if the container is not attached, or has just ended.</returns>
    internal AttachmentRecord? Run()
    {
        using var held = NetworkLock.Take(_folders, NetworkLimits.Lock);
        var record = AttachmentRecord.Read(_folders.RecordOf(_target.Attachment));
        // What a start left that failed, or an end, is undone by others.
        if (record is not { Complete: true } || !record.IsAlive())
            return null;
        if (record.HostNamespace != LibcNetworks.NamespaceOf("thread-self"))
            throw RequestChecks.Invalid("the container was attached in another network namespace of the host");
        if (!LibcNetworks.IsNamespace(_pin))
        {
            NetworkPin.Remove(_pin);
            NetworkPin.Create(_pin, record.Pid);
        }

        var leaving = Entries().Where(e => IsLeaving(record, e)).Where(IsWanted).Select(e => e.Network).ToHashSet(StringComparer.Ordinal);
        var effective = _target with { Networks = [.. _target.Networks.Where(n => !leaving.Contains(n.Name))] };
        if (leaving.Count > 0 && effective.Ports.Count > 0 && !CanPublish(effective))
            throw NothingPublishes(leaving);
        var plans = AttachmentPlan.Of(effective);
        RemoveLeftovers(record, plans);
        var attached = record.Networks.ToDictionary(n => (n.Name, n.Interface));
        var missing = plans.Where(p => !attached.ContainsKey((p.Network.Name, p.Requested.Interface))).ToList();
        var added = Connect(missing, record);
        if (added is null)
            return null;
        foreach (var network in added)
            attached[(network.Name, network.Interface)] = network;
        try
        {
            new NetworkRoles(_change, plans).Move(record.Request.Ports);
        }
        catch (CtrException)
        {
            Undo(missing);
            if (record.IsAlive())
                throw;
            return null;
        }

        // From here on the networks that the container keeps have everything.
        var kept = record with { Networks = [.. effective.Networks.Select(n => attached[(n.Name, n.Interface)])] };
        var errors = Disconnect(record, plans, leaving);
        if (errors.Count > 0 && record.IsAlive())
        {
            Write(kept with { Request = WithNetworks(record.Request) with { Ports = _target.Ports } }, record);
            throw errors[0];
        }

        return Write(kept with { Request = _target }, record);
    }

    private static AttachmentRecord Write(AttachmentRecord changed, AttachmentRecord before)
    {
        changed.Write();
        ContainerNames.Change(changed, before);
        return changed;
    }

    /// <summary>
    /// Whether a network was disconnected, and its plugin failed then. It is in the request until a change without it succeeds; other
    /// changes leave it as it is.
    /// </summary>
    private static bool IsLeaving(AttachmentRecord record, CniCacheEntry entry) =>
        !record.Has(entry.Network, entry.Interface) && record.Request.Networks.Any(n => IsOf(n, entry));

    private bool IsWanted(CniCacheEntry entry) => _target.Networks.Any(n => IsOf(n, entry));

    private static bool IsOf(RequestedNetwork network, CniCacheEntry entry) =>
        network.Name == entry.Network && network.Interface == entry.Interface;

    /// <summary>
    /// Removes what an earlier change left that was interrupted. If that fails, it only matters if a network needs its interface.
    /// </summary>
    private void RemoveLeftovers(AttachmentRecord record, IReadOnlyList<AttachmentPlan> plans)
    {
        var budget = new TimeBudget(NetworkLimits.Detach);
        foreach (var entry in Entries().Where(e => !record.Has(e.Network, e.Interface) && !IsLeaving(record, e)))
        {
            if (Detach(entry, budget) is [var error, ..] && plans.Any(p => p.Requested.Interface == entry.Interface))
                throw error;
        }
    }

    /// <returns>The networks; null if the container ended meanwhile.</returns>
    private List<AttachedNetwork>? Connect(IReadOnlyList<AttachmentPlan> plans, AttachmentRecord record)
    {
        var budget = new TimeBudget(NetworkLimits.Attach);
        var added = new List<AttachedNetwork>();
        try
        {
            foreach (var plan in plans)
                added.Add(NetworkAttacher.Attach(plan, plan.Requested.Preferred, budget));
            if (added.Count > 0)
            {
                var names = new TimeBudget(NetworkLimits.NameServer);
                var changed = WithNames(record, added);
                ContainerNames.Serve(changed, added, names);
                ContainerNames.RequireAnswers(changed, added, names);
            }

            if (record.IsAlive())
                return added;
        }
        catch (Exception)
        {
            Undo(plans);
            if (record.IsAlive())
                throw;
            return null;
        }

        Undo(plans);
        return null;
    }

    /// <summary>The container as its peers are to find it: also in the networks that it leaves, until it has left them.</summary>
    private AttachmentRecord WithNames(AttachmentRecord record, List<AttachedNetwork> added) =>
        record with
        {
            Networks = [.. record.Networks, .. added],
            Request = WithNetworks(record.Request) with { Name = _target.Name },
        };

    /// <summary>A request with the networks that are added: an attachment that is in no request would never be removed.</summary>
    private NetworkRequest WithNetworks(NetworkRequest request) =>
        request with
        {
            Networks = [.. request.Networks.UnionBy(_target.Networks, n => n.Name)],
        };

    private bool CanPublish(NetworkRequest request)
    {
        var all = CniNetworks.Read(_folders);
        return request.Networks.Any(n => all.Require(n.Name).CanPublish(request.HostAddresses));
    }

    private void Undo(IReadOnlyList<AttachmentPlan> plans)
    {
        // By the record, which has not changed.
        new NameServer(_folders).Refresh();
        var budget = new TimeBudget(NetworkLimits.Detach);
        foreach (var entry in Entries().Where(e => plans.Any(p => p.IsOf(e))))
            _ = Detach(entry, budget);
    }

    /// <summary>
    /// Disconnects the container from the networks that it had and is not to have. They have no role any more. What fails stays, and is
    /// removed by the next change that is to disconnect it.
    /// </summary>
    /// <returns>The failures.</returns>
    private List<CtrException> Disconnect(AttachmentRecord record, IReadOnlyList<AttachmentPlan> plans, HashSet<string> leaving)
    {
        var budget = new TimeBudget(NetworkLimits.Detach);
        return
        [
            .. Entries()
                .Where(e => !plans.Any(p => p.IsOf(e)) && !leaving.Contains(e.Network))
                .Where(e => record.Has(e.Network, e.Interface) || record.Request.Networks.Any(n => IsOf(n, e)))
                .SelectMany(e => Detach(e, budget)),
        ];
    }

    private CtrConflictException NothingPublishes(HashSet<string> leaving) =>
        new(
            $"The container '{_target.Container}' publishes ports, which none of its networks supports besides "
                + $"'{string.Join("', '", leaving)}', which is being disconnected: a plugin failed."
        )
        {
            ErrorId = ErrorIds.NetworkPublishesPorts,
            Subject = _target.Container,
            Remedy = "Disconnect the container from that network again, or connect it to another bridge network first.",
        };

    private IReadOnlyList<CniCacheEntry> Entries() => CniCacheEntry.ReadAll(_folders.Results, _target.Attachment);

    /// <summary>
    /// Detaches one network. Without published ports on it, its plugin for them has no rules, and with nftables would remove those of the
    /// others.
    /// </summary>
    private IReadOnlyList<CtrException> Detach(CniCacheEntry entry, TimeBudget budget) =>
        CniChain.Detach(_folders, entry, _pin, budget, PublishedPorts.Has(entry) ? null : PublishedPorts.IsPublisher);
}

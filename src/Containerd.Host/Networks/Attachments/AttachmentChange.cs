using System.Runtime.Versioning;
using Containerd.Host.Native;
using Containerd.Host.Networks.Plugins;
using Containerd.Host.Networks.Requests;

namespace Containerd.Host.Networks.Attachments;

/// <summary>
/// Connects a container that runs to further networks, and disconnects it from others, until it has those of a request; the same for its
/// published ports. The container keeps its other interfaces with their addresses. A failure before the first network is disconnected
/// undoes everything.
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

        var plans = AttachmentPlan.Of(_target);
        RemoveLeftovers(record);
        var attached = record.Networks.ToDictionary(n => (n.Name, n.Interface));
        var added = Connect([.. plans.Where(p => !attached.ContainsKey((p.Network.Name, p.Requested.Interface)))], record);
        if (added is null)
            return null;
        foreach (var network in added)
            attached[(network.Name, network.Interface)] = network;
        ChangePorts(record, plans, [.. added.Select(n => n.Name)]);
        Disconnect(record, plans);
        var changed = record with { Request = _target, Networks = [.. _target.Networks.Select(n => attached[(n.Name, n.Interface)])] };
        changed.Write();
        HostsFiles.Change(changed, record);
        return changed;
    }

    /// <summary>Removes what an earlier change left that was interrupted, so that it can be done again.</summary>
    private void RemoveLeftovers(AttachmentRecord record)
    {
        var budget = new TimeBudget(NetworkLimits.Detach);
        foreach (var entry in Entries().Where(e => !record.Networks.Any(n => n.Name == e.Network && n.Interface == e.Interface)))
        {
            if (Detach(entry, budget) is [var error, ..])
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

    private void Undo(IReadOnlyList<AttachmentPlan> plans)
    {
        var budget = new TimeBudget(NetworkLimits.Detach);
        foreach (var entry in Entries().Where(e => plans.Any(p => IsOf(p, e))))
            _ = Detach(entry, budget);
    }

    /// <summary>
    /// Publishes other ports than before, on the network that publishes them. New ones come first, and may be those of another container
    /// that loses them afterwards.
    /// </summary>
    private void ChangePorts(AttachmentRecord record, IReadOnlyList<AttachmentPlan> plans, IReadOnlyList<string> added)
    {
        if (record.Request.Ports.SequenceEqual(_target.Ports))
            return;
        var budget = new TimeBudget(NetworkLimits.Attach);
        var former = Entries().FirstOrDefault(PublishedPorts.Has);
        if (plans.FirstOrDefault(p => p.HasPorts) is not { } plan)
        {
            // Of a network that is disconnected, they are removed with it.
            if (former is not null && plans.Any(p => IsOf(p, former)))
                PublishedPorts.Withdraw(plans.First(p => IsOf(p, former)), former, budget);
            return;
        }

        if (added.Contains(plan.Network.Name) || Entries().FirstOrDefault(e => IsOf(plan, e)) is not { } entry)
            return;
        PortCheck.Check(_target, _change.PortsFrom);
        try
        {
            if (former is not null)
                PublishedPorts.Withdraw(plan, former, budget);
            PublishedPorts.Publish(plan, former?.File == entry.File ? CniCacheEntry.Read(entry.File)! : entry, budget);
        }
        catch (CtrException) when (former is null)
        {
            PublishedPorts.Withdraw(plan, CniCacheEntry.Read(entry.File)!, budget);
            throw;
        }
    }

    /// <summary>
    /// Disconnects the container from networks. The next network gets the default route and the published ports first, so that the
    /// container has both all the time.
    /// </summary>
    private void Disconnect(AttachmentRecord record, IReadOnlyList<AttachmentPlan> plans)
    {
        var entries = Entries();
        var removed = entries.Where(e => !plans.Any(p => IsOf(p, e))).ToList();
        if (removed.Count == 0)
            return;
        var budget = new TimeBudget(NetworkLimits.Attach);
        var kept = entries.Except(removed).ToList();
        var ports = plans.FirstOrDefault(p => p.HasPorts);
        var publishing = ports is null || kept.Exists(PublishedPorts.Has) ? null : kept.Find(e => IsOf(ports, e));
        var gateway = plans.FirstOrDefault(p => p.IsGateway);
        var routing = gateway is null || kept.Exists(DefaultRoutes.Has) ? null : kept.Find(e => IsOf(gateway, e));
        var isLate = publishing is not null && PublishedPorts.UseNftables(CniChain.NetworkOf(_folders, publishing));
        if (publishing is not null && !isLate)
        {
            PublishedPorts.Publish(ports!, publishing, budget);
            publishing = CniCacheEntry.Read(publishing.File);
            // Both can be on the same network.
            if (routing?.File == publishing?.File)
                routing = publishing;
        }

        if (routing is not null)
            DefaultRoutes.AddBackup(gateway!, routing);
        var errors = removed.SelectMany(e => Detach(e, budget)).ToList();
        if (errors.Count > 0 && record.IsAlive())
        {
            // The networks stay recorded, and the user can try again.
            if (routing is not null)
                DefaultRoutes.RemoveBackup(gateway!, routing);
            throw errors[0];
        }

        if (routing is not null)
            routing = DefaultRoutes.Complete(gateway!, routing);
        if (publishing is not null && isLate)
            PublishedPorts.Publish(ports!, routing?.File == publishing.File ? routing : publishing, budget);
    }

    private IReadOnlyList<CniCacheEntry> Entries() => CniCacheEntry.ReadAll(_folders.Results, _target.Attachment);

    private static bool IsOf(AttachmentPlan plan, CniCacheEntry entry) =>
        plan.Network.Name == entry.Network && plan.Requested.Interface == entry.Interface;

    /// <summary>
    /// Detaches one network. Without published ports on it, its plugin for them has no rules, and with nftables would remove those of the
    /// others.
    /// </summary>
    private IReadOnlyList<CtrException> Detach(CniCacheEntry entry, TimeBudget budget) =>
        CniChain.Detach(_folders, entry, _pin, budget, PublishedPorts.Has(entry) ? null : PublishedPorts.IsPublisher);
}

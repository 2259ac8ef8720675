using Containerd.Client.Records;

namespace Containerd.Client.Workloads.Events;

/// <summary>
/// The containers for which an open subscription has reported that the kernel killed a process because memory ran out. containerd does not
/// store this, and sends the event only to subscriptions that are open at that moment.
/// </summary>
internal sealed class OomReports(RecordScope ns)
{
    /// <summary>The first subscription starts: results of an earlier one may concern tasks that no longer exist.</summary>
    internal void Begin() => ns.State.OomReported.Clear();

    /// <summary>Records an event of an open subscription.</summary>
    internal void Observe(CtrEvent containerEvent)
    {
        switch (containerEvent.Type)
        {
            case CtrEventType.Oom:
                ns.State.OomReported[containerEvent.ContainerId] = true;
                break;
            case CtrEventType.Create or CtrEventType.ContainerDelete:
                Forget(containerEvent.ContainerId);
                break;
        }
    }

    /// <summary>A container gets a new task, with its own control group.</summary>
    internal void Forget(string containerId)
    {
        ns.State.OomReported.TryRemove(containerId, out _);
        ns.State.OomCounted.TryRemove(containerId, out _);
    }

    /// <summary>Whether the current task of a container was reported.</summary>
    internal bool Has(string containerId) => ns.State.OomReported.ContainsKey(containerId) && ns.State.EventStreams() > 0;
}

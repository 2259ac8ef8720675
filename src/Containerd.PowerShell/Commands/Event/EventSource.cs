namespace Containerd.PowerShell;

/// <summary>What the engine takes for the source of a subscription's events: it wants an object with an event to hang on to.</summary>
public sealed class EventSource
{
#pragma warning disable CS0067 // Never raised: the engine would hand each event to the thread pool, and lose the order.
    /// <summary>Something happened in the daemon.</summary>
    public event EventHandler<CtrEvent>? Happened;
#pragma warning restore CS0067
}

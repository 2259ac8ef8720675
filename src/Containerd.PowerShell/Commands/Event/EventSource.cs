namespace Containerd.PowerShell;

/// <summary>
/// The source object of a subscription, which Get-EventSubscriber returns as SourceObject: it shows whether the daemons answer.
/// </summary>
public sealed class EventSource
{
    private readonly object _gate = new();
    private readonly List<CtrEventConnection> _connections = [];

#pragma warning disable CS0067 // Never raised: the engine would queue each event to the thread pool and lose the order.
    /// <summary>Raised for each event of the daemon.</summary>
    public event EventHandler<CtrEvent>? Happened;
#pragma warning restore CS0067

    /// <summary>Raised when a daemon no longer answers, and when it answers again.</summary>
    public event EventHandler<CtrEventConnection>? ConnectionChanged;

    /// <summary>The current connections, one for each session.</summary>
    public IReadOnlyList<CtrEventConnection> Connections
    {
        get
        {
            lock (_gate)
                return [.. _connections];
        }
    }

    /// <summary>Notes the state of one session's connection.</summary>
    internal void Note(CtrEventConnection connection)
    {
        lock (_gate)
        {
            var index = _connections.FindIndex(known => known.Session == connection.Session);
            if (index < 0)
                _connections.Add(connection);
            else
                _connections[index] = connection;
        }
    }

    /// <summary>Notes a change, and raises the event.</summary>
    internal void Change(CtrEventConnection connection)
    {
        Note(connection);
        ConnectionChanged?.Invoke(this, connection);
    }
}

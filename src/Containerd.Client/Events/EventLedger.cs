using WireTypes = Containerd.Client.Wire.Types;

namespace Containerd.Client;

/// <summary>
/// What a subscription knows of the processes in its namespace: which ones run, whose exit has been told, who was killed for want of memory. From this it
/// tells which exits were lost while the stream was down, and which come a second time.
/// </summary>
internal sealed class EventLedger
{
    /// <summary>How many exits are remembered: a late second one comes within seconds.</summary>
    private const int Remembered = 50_000;

    private readonly Dictionary<(string Container, string Process), int> _running = [];
    private readonly HashSet<(string Container, string Process, int Pid)> _told = [];
    private readonly Queue<(string Container, string Process, int Pid)> _toldInOrder = [];
    private readonly HashSet<string> _oomKilled = new(StringComparer.Ordinal);

    /// <summary>The processes that run as far as is known.</summary>
    internal IReadOnlyList<(string Container, string Process, int Pid)> Running => [.. _running.Select(r => (r.Key.Container, r.Key.Process, r.Value))];

    /// <summary>Takes in the daemon's state when nothing is known yet: what ended before is nobody's loss.</summary>
    internal void Begin(IEnumerable<WireTypes.Process> tasks)
    {
        foreach (var task in tasks)
            Note(task);
    }

    /// <summary>Takes in a task that the daemon shows.</summary>
    internal void Note(WireTypes.Process task)
    {
        if (task.Status is not (WireTypes.Status.Stopped or WireTypes.Status.Created) && task.Pid != 0)
            _running.TryAdd((task.Id, task.Id), (int)task.Pid);
    }

    /// <summary>Takes in an event before it is delivered.</summary>
    /// <returns>Whether it is to be delivered: false for an exit that was told before.</returns>
    internal bool Admit(CtrEvent happened)
    {
        var id = happened.ContainerId;
        switch (happened.Type)
        {
            case CtrEventType.Start or CtrEventType.ExecStarted:
                _running[(id, happened.ProcessId)] = happened.Pid;
                break;
            case CtrEventType.Exit:
                _running.Remove((id, happened.ProcessId));
                if (!Tell((id, happened.ProcessId, happened.Pid)))
                    return false;
                break;
            case CtrEventType.Oom:
                _oomKilled.Add(id);
                break;
        }

        happened.OomKilled = id.Length > 0 && _oomKilled.Contains(id);
        if (happened.Type == CtrEventType.ContainerDelete)
            _oomKilled.Remove(id);
        return true;
    }

    private bool Tell((string Container, string Process, int Pid) exit)
    {
        if (!_told.Add(exit))
            return false;
        _toldInOrder.Enqueue(exit);
        if (_toldInOrder.Count > Remembered)
            _told.Remove(_toldInOrder.Dequeue());
        return true;
    }
}

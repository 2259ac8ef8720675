using System.Text.RegularExpressions;

namespace Containerd.Client.Workloads.Events;

/// <summary>
/// The events that a filter in containerd's filter syntax selects from those that the ledger reports. The ledger needs all events, and only
/// the daemon can evaluate its filter: so each selected event waits here for the result of the ledger.
/// </summary>
internal sealed partial class EventSelection
{
    /// <summary>The number of events that are kept because the filter may still select them: it is at most a few behind.</summary>
    private const int Remembered = 20_000;

    /// <summary>Longer than an event is delayed for a missing exit.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly object _gate = new();
    private readonly IReadOnlyList<string> _filters;
    private readonly Dictionary<Key, TaskCompletionSource<CtrEvent?>> _decisions = [];
    private readonly Queue<Key> _order = new();

    internal EventSelection(IReadOnlyList<string> filters) => _filters = filters;

    /// <summary>Records the result for an event: null if it is not reported.</summary>
    internal void Decide(CtrEvent e, bool isReported) => Of(new Key(e)).TrySetResult(isReported ? e : null);

    /// <summary>The result for an event that the filter selected.</summary>
    /// <returns>The event to report; null for none.</returns>
    internal async Task<CtrEvent?> DecisionAsync(CtrEvent selected, CancellationToken cancellationToken)
    {
        // Only processes have lives.
        if (selected.ContainerId.Length == 0)
            return selected;
        try
        {
            return await Of(new Key(selected)).Task.WaitAsync(Patience, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return selected;
        }
    }

    /// <summary>Whether the filter may select an event that the daemon did not publish, according to its topic only.</summary>
    internal bool MaySelect(string topic) => _filters.Any(filter => TopicSelector().Matches(filter).All(selector => Fits(selector, topic)));

    private static bool Fits(Match selector, string topic)
    {
        var value = selector.Groups["value"].Value;
        if (value.Length > 1 && value[0] is '"' or '|' or '/' && value[^1] == value[0])
            value = value[1..^1];
        try
        {
            return selector.Groups["operator"].Value switch
            {
                "==" => value == topic,
                "!=" => value != topic,
                _ => Regex.IsMatch(topic, value, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)),
            };
        }
        catch (Exception e) when (e is ArgumentException or RegexMatchTimeoutException)
        {
            // Go's regular expressions differ slightly from those of .NET.
            return true;
        }
    }

    private TaskCompletionSource<CtrEvent?> Of(Key key)
    {
        lock (_gate)
        {
            if (_decisions.TryGetValue(key, out var decision))
                return decision;
            _decisions.Add(key, decision = new(TaskCreationOptions.RunContinuationsAsynchronously));
            _order.Enqueue(key);
            if (_order.Count > Remembered)
                _decisions.Remove(_order.Dequeue());
            return decision;
        }
    }

    [GeneratedRegex("""(?<![\w.])topic\s*(?<operator>==|!=|~=)\s*(?<value>"[^"]*"|\|[^|]*\||/[^/]*/(?=,|\s*$)|[^,]+)""")]
    private static partial Regex TopicSelector();

    private readonly record struct Key(string Topic, DateTime Timestamp, string ContainerId, string ProcessId)
    {
        internal Key(CtrEvent e)
            : this(e.Topic, e.Timestamp, e.ContainerId, e.ProcessId) { }
    }
}

using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>The tasks of one session and namespace that somebody wants to know about.</summary>
internal sealed class StatsGroup(NamespaceClient ns)
{
    private readonly Dictionary<string, object> _named = new(StringComparer.Ordinal);
    private readonly List<CtrStats> _earlier = [];
    private Func<string, bool> _matches = static _ => false;
    private StatsSampler? _sampler;

    internal List<ContainerPattern> Patterns { get; } = [];

    /// <summary>The last reading.</summary>
    internal StatsRound Round { get; private set; } = new([], new Dictionary<string, CtrException>());

    /// <summary>Whether there is anything to wait for: a pattern matches what may yet start, a name only what runs.</summary>
    internal bool IsOver => Patterns.Count == 0 && Round.Stats.Count == 0;

    /// <summary>The session that it is in.</summary>
    internal CtrSession Session => ns.Session;

    /// <summary>Session and namespace, for a title.</summary>
    internal string NamespaceLabel => $"{ns.Session}:{ns.Namespace}";

    /// <summary>Adds a container by its id; an error is about the text that the caller gave.</summary>
    internal void Add(string id, string given) => _named.TryAdd(id, given);

    /// <summary>Adds a container by an object of it. Earlier stats are the first of two readings.</summary>
    internal void Add(ICtrContainerObject item)
    {
        _named.TryAdd(item.ContainerId, item);
        if (item is CtrStats stats)
            _earlier.Add(stats);
    }

    /// <summary>What the caller named a container by, for an error.</summary>
    internal object TargetOf(string id) => _named.TryGetValue(id, out var target) ? target : id;

    internal async Task ReadAsync(CancellationToken cancellationToken)
    {
        // Containers come, go and are renamed between two readings.
        if (Patterns.Count > 0)
            _matches = await ContainerPattern.TestAsync(Patterns, ns, cancellationToken).ConfigureAwait(false);
        if (_sampler is null)
        {
            _sampler = ns.Stats.Sampler(_named.Keys, Patterns.Count > 0 ? id => _matches(id) : null);
            _earlier.ForEach(_sampler.Remember);
        }

        Round = await _sampler.ReadAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether the next reading of every task that was named has one before it already.</summary>
    internal bool HasEarlier => Patterns.Count == 0 && _named.Count > 0 && _named.Keys.All(id => _earlier.Exists(s => s.ContainerId == id));
}

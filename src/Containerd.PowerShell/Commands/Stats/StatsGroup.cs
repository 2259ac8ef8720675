using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>The requested tasks of one session and namespace.</summary>
internal sealed class StatsGroup(NamespaceClient ns)
{
    private readonly Dictionary<string, object> _named = new(StringComparer.Ordinal);
    private readonly List<CtrStats> _earlier = [];
    private Func<string, bool> _matches = static _ => false;
    private StatsSampler? _sampler;

    internal List<ContainerPattern> Patterns { get; } = [];

    /// <summary>The last reading.</summary>
    internal StatsRound Round { get; private set; } = new([], new Dictionary<string, CtrException>());

    /// <summary>
    /// Whether no further readings can be expected: a pattern can match tasks that start later, a name only a running task.
    /// </summary>
    internal bool IsOver => Patterns.Count == 0 && Round.Stats.Count == 0;

    /// <summary>The session that it is in.</summary>
    internal CtrSession Session => ns.Session;

    /// <summary>Session and namespace, for a title.</summary>
    internal string NamespaceLabel => $"{ns.Session}:{ns.Namespace}";

    /// <summary>Adds a container by its id; errors refer to the caller's text.</summary>
    internal void Add(string id, string given) => _named.TryAdd(id, given);

    /// <summary>Adds the container of an object. Earlier stats are used as the first of the two readings.</summary>
    internal void Add(ICtrContainerObject item)
    {
        _named.TryAdd(item.ContainerId, item);
        if (item is CtrStats stats)
            _earlier.Add(stats);
    }

    /// <summary>The caller's text or object for a container, for errors.</summary>
    internal object TargetOf(string id) => _named.TryGetValue(id, out var target) ? target : id;

    internal async Task ReadAsync(CancellationToken cancellationToken)
    {
        // Containers are created, removed and renamed between two readings.
        if (Patterns.Count > 0)
            _matches = await ContainerPattern.TestAsync(Patterns, ns, cancellationToken).ConfigureAwait(false);
        if (_sampler is null)
        {
            _sampler = ns.Stats.Sampler(_named.Keys, Patterns.Count > 0 ? id => _matches(id) : null);
            _earlier.ForEach(_sampler.Remember);
        }

        Round = await _sampler.ReadAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Whether an earlier reading of every named task exists.</summary>
    internal bool HasEarlier => Patterns.Count == 0 && _named.Count > 0 && _named.Keys.All(id => _earlier.Exists(s => s.ContainerId == id));
}

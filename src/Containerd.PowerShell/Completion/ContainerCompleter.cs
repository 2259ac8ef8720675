using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes the names of containers, and the ids of those that have none; a word that begins one completes the id of a named container too.</summary>
public sealed class ContainerCompleter : LiveCompleter
{
    private HashSet<string> _named = [];

    protected override async Task<IReadOnlyList<string>> CandidatesAsync(Guid scope, IDictionary boundParameters, CancellationToken cancellation) =>
        await TargetAsync(scope, boundParameters, cancellation).ConfigureAwait(false) is { } ns
            ? Words(await ns.Containers.ListAsync(cancellation).ConfigureAwait(false))
            : [];

    protected override bool Matches(string candidate, string word) => base.Matches(candidate, word) && (!string.IsNullOrEmpty(word) || !_named.Contains(candidate));

    private IReadOnlyList<string> Words(IReadOnlyList<CtrContainer> containers)
    {
        _named = containers.Where(c => c.Name is not null).Select(c => c.ContainerId).ToHashSet(StringComparer.Ordinal);
        return [.. containers.Select(c => c.Name ?? c.ContainerId), .. _named.Except(containers.Select(c => c.Name!))];
    }
}

using System.Collections;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Completes the references of unfinished writes.</summary>
public sealed class IngestCompleter : LiveCompleter
{
    protected override async Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) =>
        await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is { } ns
            ? [.. (await ns.Content.ListIngestsAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false)).Select(i => i.Reference)]
            : [];
}

using System.Collections;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Completes the ids of leases.</summary>
public sealed class LeaseCompleter : LiveCompleter
{
    protected override async Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) =>
        await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is { } ns
            ? [.. (await ns.Leases.ListAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false)).Select(l => l.Id)]
            : [];
}

using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes the types of resources that a lease can hold.</summary>
public sealed class LeaseResourceTypeCompleter : LiveCompleter
{
    protected override async Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) =>
        await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is { } ns
            ?
            [
                "content",
                "ingests",
                .. (await ns.Client.InfoAsync(cancellationToken).ConfigureAwait(false)).Snapshotters.Select(s => "snapshots/" + s),
            ]
            : ["content", "ingests"];
}

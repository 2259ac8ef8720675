using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes the types of resources that a lease can hold.</summary>
public sealed class LeaseResourceTypeCompleter : LiveCompleter
{
    protected override async Task<IReadOnlyList<string>> CandidatesAsync(Guid scope, IDictionary boundParameters, CancellationToken cancellation) =>
        await TargetAsync(scope, boundParameters, cancellation).ConfigureAwait(false) is { } ns
            ? ["content", "ingests", .. (await ns.Client.InfoAsync(cancellation).ConfigureAwait(false)).Snapshotters.Select(s => "snapshots/" + s)]
            : ["content", "ingests"];
}

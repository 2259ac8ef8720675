using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes the names of the daemon's snapshotters.</summary>
public sealed class SnapshotterCompleter : LiveCompleter
{
    protected override async Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) =>
        await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is { } ns
            ? (await ns.Client.InfoAsync(cancellationToken).ConfigureAwait(false)).Snapshotters
            : [];
}

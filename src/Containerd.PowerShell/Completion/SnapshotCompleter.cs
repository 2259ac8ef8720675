using System.Collections;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Completes the names of snapshots, of the snapshotter that the command line names.</summary>
public sealed class SnapshotCompleter : LiveCompleter
{
    protected override string OptionalPrefix => "sha256:";

    protected override async Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    )
    {
        if (await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is not { } ns)
            return [];
        var snapshotter =
            boundParameters["Snapshotter"] as string ?? await ns.Snapshots.DefaultSnapshotterAsync(cancellationToken).ConfigureAwait(false);
        return
        [
            .. (await ns.Snapshots.ListAsync(snapshotter, StoreFilter.All, cancellationToken).ConfigureAwait(false)).Select(s => s.Name),
        ];
    }
}

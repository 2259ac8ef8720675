using System.Collections;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Completes the names of snapshots, of the snapshotter that the command line names.</summary>
public sealed class SnapshotCompleter : LiveCompleter
{
    protected override string OptionalPrefix => "sha256:";

    protected override async Task<IReadOnlyList<string>> CandidatesAsync(Guid scope, IDictionary boundParameters, CancellationToken cancellation)
    {
        if (await TargetAsync(scope, boundParameters, cancellation).ConfigureAwait(false) is not { } ns) return [];
        var snapshotter = boundParameters["Snapshotter"] as string ?? await ns.Snapshots.DefaultSnapshotterAsync(cancellation).ConfigureAwait(false);
        return [.. (await ns.Snapshots.ListAsync(snapshotter, StoreFilter.All, cancellation).ConfigureAwait(false)).Select(s => s.Name)];
    }
}

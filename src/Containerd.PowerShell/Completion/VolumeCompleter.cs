using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes the names of volumes.</summary>
public class VolumeCompleter : LiveCompleter
{
    protected override async Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) =>
        await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is { } ns
            ? await ns.Volumes.NamesAsync(cancellationToken).ConfigureAwait(false)
            : [];
}

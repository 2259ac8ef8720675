using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes the names of volumes in mounts: the target follows.</summary>
public sealed class VolumeMountCompleter : VolumeCompleter
{
    protected override async Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) => [.. (await base.CandidatesAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false)).Select(name => name + ":")];
}

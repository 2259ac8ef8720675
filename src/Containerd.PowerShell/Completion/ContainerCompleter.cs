using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes the ids of containers.</summary>
public sealed class ContainerCompleter : LiveCompleter
{
    protected override async Task<IReadOnlyList<string>> CandidatesAsync(Guid scope, IDictionary boundParameters, CancellationToken cancellation) =>
        await TargetAsync(scope, boundParameters, cancellation).ConfigureAwait(false) is { } ns
            ? [.. (await ns.Containers.ListAsync(cancellation).ConfigureAwait(false)).Select(c => c.ContainerId)]
            : [];
}

using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes the names of the daemon's namespaces.</summary>
public sealed class NamespaceCompleter : LiveCompleter
{
    protected override async Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) =>
        await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is { } ns
            ? await ns.Client.Namespaces.NamesAsync(cancellationToken).ConfigureAwait(false)
            : [];
}

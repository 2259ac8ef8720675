using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes the names of networks.</summary>
public class NetworkCompleter : LiveCompleter
{
    protected override async Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    )
    {
        if (await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is not { } ns)
            return [];
        return [.. (await ns.Networks.ListAsync(cancellationToken).ConfigureAwait(false)).Networks.Select(n => n.Name)];
    }
}

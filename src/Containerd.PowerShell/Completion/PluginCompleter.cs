using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes the ids of the daemon's plugins.</summary>
public sealed class PluginCompleter : LiveCompleter
{
    protected override async Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) =>
        await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is { } ns
            ?
            [
                .. (await ns.Client.Plugins.ListAsync(null, cancellationToken).ConfigureAwait(false))
                    .Select(p => p.Id)
                    .Distinct()
                    .Order(StringComparer.Ordinal),
            ]
            : [];
}

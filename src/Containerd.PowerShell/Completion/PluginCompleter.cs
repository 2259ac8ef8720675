using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes the ids of the daemon's plugins.</summary>
public sealed class PluginCompleter : LiveCompleter
{
    protected override async Task<IReadOnlyList<string>> CandidatesAsync(Guid scope, IDictionary boundParameters, CancellationToken cancellation) =>
        await TargetAsync(scope, boundParameters, cancellation).ConfigureAwait(false) is { } ns
            ? [.. (await ns.Client.Plugins.ListAsync(null, cancellation).ConfigureAwait(false)).Select(p => p.Id).Distinct().Order(StringComparer.Ordinal)]
            : [];
}

using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes the types of the daemon's plugins, with or without their common prefix.</summary>
public sealed class PluginTypeCompleter : LiveCompleter
{
    protected override string OptionalPrefix => "io.containerd.";

    protected override async Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) =>
        await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is { } ns
            ?
            [
                .. (await ns.Client.Plugins.ListAsync(null, cancellationToken).ConfigureAwait(false))
                    .Select(p => p.Type)
                    .Distinct()
                    .Order(StringComparer.Ordinal),
            ]
            : [];
}

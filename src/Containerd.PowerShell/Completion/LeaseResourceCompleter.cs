using System.Collections;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Completes resources for a lease, of the type that the command line specifies.</summary>
public sealed class LeaseResourceCompleter : LiveCompleter
{
    private const string Snapshots = "snapshots/";

    protected override async Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(boundParameters);
        if (await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is not { } ns)
            return [];
        return boundParameters["Type"]?.ToString() switch
        {
            "ingests" =>
            [
                .. (await ns.Content.ListIngestsAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false)).Select(i => i.Reference),
            ],
            { } type when type.StartsWith(Snapshots, StringComparison.Ordinal) =>
            [
                .. (
                    await ns.Snapshots.ListAsync(type[Snapshots.Length..], StoreFilter.All, cancellationToken).ConfigureAwait(false)
                ).Select(s => s.Name),
            ],
            _ => [.. (await ns.Content.ListAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false)).Select(b => b.Digest)],
        };
    }
}

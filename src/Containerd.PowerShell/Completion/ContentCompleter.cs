using System.Collections;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Completes the digests of blobs, with or without their algorithm in front.</summary>
public sealed class ContentCompleter : LiveCompleter
{
    protected override string OptionalPrefix => "sha256:";

    protected override async Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) =>
        await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is { } ns
            ? [.. (await ns.Content.ListAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false)).Select(b => b.Digest)]
            : [];
}

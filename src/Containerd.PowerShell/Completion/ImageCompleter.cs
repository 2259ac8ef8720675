using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes the names of images.</summary>
public sealed class ImageCompleter : LiveCompleter
{
    protected override async Task<IReadOnlyList<string>> CandidatesAsync(Guid scope, IDictionary boundParameters, CancellationToken cancellation) =>
        await TargetAsync(scope, boundParameters, cancellation).ConfigureAwait(false) is { } ns
            ? [.. (await ns.Images.NamesAsync(cancellation).ConfigureAwait(false))]
            : [];
}

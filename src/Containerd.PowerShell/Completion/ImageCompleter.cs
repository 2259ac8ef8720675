using System.Collections;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Completes the names of images: the short ones first, then those that only the full spelling finds.</summary>
public sealed class ImageCompleter : LiveCompleter
{
    protected override async Task<IReadOnlyList<string>> CandidatesAsync(Guid scope, IDictionary boundParameters, CancellationToken cancellation)
    {
        if (await TargetAsync(scope, boundParameters, cancellation).ConfigureAwait(false) is not { } ns) return [];
        var names = await ns.Images.NamesAsync(cancellation).ConfigureAwait(false);
        return [.. names.Select(ImageReference.Shorten).Concat(names).Distinct()];
    }
}

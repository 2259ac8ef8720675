using System.Collections;
using Containerd.Oci;

namespace Containerd.PowerShell;

/// <summary>Completes the names of registries for which credentials are stored.</summary>
public sealed class RegistryCompleter : LiveCompleter
{
    protected override async Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) => [.. (await RegistryLogins.ListAsync(cancellationToken: cancellationToken).ConfigureAwait(false)).Select(l => l.Registry)];
}

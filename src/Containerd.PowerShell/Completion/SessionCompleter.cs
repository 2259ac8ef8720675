using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes the names of open sessions.</summary>
public sealed class SessionCompleter : LiveCompleter
{
    protected override Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyList<string>>([.. SessionRegistry.List().Select(s => s.Name)]);
}

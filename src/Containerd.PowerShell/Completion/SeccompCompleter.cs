using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes the keywords for a seccomp profile; the shell completes file names.</summary>
public sealed class SeccompCompleter : LiveCompleter
{
    protected override Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyList<string>>(["default", "unconfined"]);
}

using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes the words that stand for a seccomp profile; a file's name is completed by the shell.</summary>
public sealed class SeccompCompleter : LiveCompleter
{
    protected override Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyList<string>>(["default", "unconfined"]);
}

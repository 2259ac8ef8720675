using System.Collections;

namespace Containerd.PowerShell;

/// <summary>
/// Completes the ids of execs that were created and not started. The daemon does not list them: only those of this PowerShell are known.
/// </summary>
public sealed class CreatedExecCompleter : LiveCompleter
{
    protected override async Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) =>
        ExecCompleter.ContainerOf(boundParameters) is { } id
        && await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is { } ns
            ? ns.Execs.CreatedHere(id)
            : [];
}

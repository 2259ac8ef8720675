using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes the names of users in /etc/passwd of the container that the command line names.</summary>
public sealed class UserCompleter : LiveCompleter
{
    protected override async Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) =>
        ExecCompleter.ContainerOf(boundParameters) is { } id
        && await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is { } ns
            ? await ns
                .Files.UsersAsync(await ns.Names.ResolveAsync(id, cancellationToken).ConfigureAwait(false), cancellationToken)
                .ConfigureAwait(false)
            : [];
}

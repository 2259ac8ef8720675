using System.Collections;
using System.Management.Automation;

namespace Containerd.PowerShell;

/// <summary>Completes the ids of the execs that run in the container that the command line names.</summary>
public sealed class ExecCompleter : LiveCompleter
{
    protected override async Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    )
    {
        if (
            ContainerOf(boundParameters) is not { } name
            || await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is not { } ns
        )
            return [];
        var id = await ns.Names.ResolveAsync(name, cancellationToken).ConfigureAwait(false);
        return [.. (await ns.Execs.ListRunningAsync(id, cancellationToken).ConfigureAwait(false)).Select(e => e.ExecId)];
    }

    /// <summary>The container that the command line names.</summary>
    internal static string? ContainerOf(IDictionary boundParameters)
    {
        ArgumentNullException.ThrowIfNull(boundParameters);
        var id = boundParameters["Id"] is object[] { Length: > 0 } list ? list[0] : boundParameters["Id"];
        return (id is PSObject wrapped ? wrapped.BaseObject : id)?.ToString() is { Length: > 0 } name ? name : null;
    }
}

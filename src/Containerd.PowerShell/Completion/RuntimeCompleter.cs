using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes the names of runtimes: the programs that containerd's own shim runs, and the shims on the daemon's host.</summary>
public sealed class RuntimeCompleter : LiveCompleter
{
    private static readonly string[] Usual = ["runc", "crun", "io.containerd.runc.v2"];

    protected override async Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is { } ns
                ? [.. Usual.Concat(await ns.Client.Runtimes.NamesAsync(ns.Namespace, cancellationToken).ConfigureAwait(false)).Distinct()]
                : Usual;
        }
        catch (CtrException)
        {
            return Usual;
        }
    }
}

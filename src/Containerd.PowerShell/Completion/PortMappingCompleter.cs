using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes port mappings: the usual ones, and those of other containers.</summary>
public sealed class PortMappingCompleter : LiveCompleter
{
    private static readonly string[] Usual = ["8080:80", "8443:443"];

    protected override async Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    )
    {
        try
        {
            if (await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is { } ns)
                return
                [
                    .. (await ns.Containers.ListAsync(cancellationToken).ConfigureAwait(false))
                        .SelectMany(c => c.Ports)
                        .Select(port => $"{port}")
                        .Union(Usual),
                ];
        }
        catch (CtrException)
        {
            // The usual ones are still useful.
        }

        return Usual;
    }
}

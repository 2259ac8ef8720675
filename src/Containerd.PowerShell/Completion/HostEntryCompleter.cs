using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes lines of a container's hosts file: the usual names of the host, and the addresses of other containers.</summary>
public sealed class HostEntryCompleter : LiveCompleter
{
    private static readonly string[] Usual = ["host.docker.internal:host-gateway"];

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
                    .. Usual,
                    .. (await ns.Containers.ListAsync(cancellationToken).ConfigureAwait(false)).SelectMany(c =>
                        c.Networks.SelectMany(n => n.IPAddresses).Select(address => $"{c}:{address}")
                    ),
                ];
        }
        catch (CtrException)
        {
            // The usual ones are still useful.
        }

        return Usual;
    }
}

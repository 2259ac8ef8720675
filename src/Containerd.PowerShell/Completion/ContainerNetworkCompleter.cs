using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes the networks of a new container: names, the network of the host, none, and those of other containers.</summary>
public sealed class ContainerNetworkCompleter : NetworkCompleter
{
    private const string Prefix = "container:";

    // The default network exists only after its first use.
    private static readonly string[] Always = ["bridge", "host", "none"];

    protected override async Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<string> networks = [];
        IEnumerable<string> containers = [];
        try
        {
            networks = await base.CandidatesAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false);
            if (await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is { } ns)
                containers = (await ns.Containers.ListAsync(cancellationToken).ConfigureAwait(false)).Select(c => Prefix + c);
        }
        catch (CtrException)
        {
            // The fixed words are still useful.
        }

        return [.. networks.Union(Always), .. containers];
    }
}

using System.Collections;
using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Completes the namespaces of a daemon to which there is no session yet.</summary>
public sealed class ConnectNamespaceCompleter : LiveCompleter
{
    protected override async Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(boundParameters);
        // A connection over SSH takes too long for a completion.
        if (boundParameters.Contains(nameof(ConnectCtrSessionCommand.HostName)))
            return [];
        var address =
            boundParameters[nameof(ConnectCtrSessionCommand.Address)] is var given && given is PSObject wrapped
                ? wrapped.BaseObject
                : given;
        using var client = await ContainerdClient
            .ConnectAsync(new ConnectOptions { Address = address?.ToString() }, cancellationToken)
            .ConfigureAwait(false);
        return await client.Namespaces.NamesAsync(cancellationToken).ConfigureAwait(false);
    }
}

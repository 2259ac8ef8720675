using System.Collections;
using System.Net.NetworkInformation;

namespace Containerd.PowerShell;

/// <summary>Completes the names of this machine's network interfaces, without the loopback interface.</summary>
public sealed class InterfaceCompleter : LiveCompleter
{
    protected override Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<string>>([
            .. NetworkInterface
                .GetAllNetworkInterfaces()
                .Where(i => i.NetworkInterfaceType != NetworkInterfaceType.Loopback)
                .Select(i => i.Name),
        ]);
}

using System.Collections;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// Completes addresses of daemons: of those that this module started, of open sessions, and of sockets at the usual paths.
/// </summary>
public sealed class AddressCompleter : LiveCompleter
{
    protected override string OptionalPrefix => "unix://";

    protected override Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<string>>([
            .. ContainerdAddress
                .Known()
                .Concat(CtrDaemons.Find().Select(daemon => daemon.Address))
                .Concat(SessionRegistry.List().Select(session => session.Address))
                .Distinct(),
        ]);
}

using System.Collections;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Completes the names of private daemons.</summary>
public sealed class DaemonCompleter : LiveCompleter
{
    protected override Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyList<string>>([.. CtrDaemons.Find().Select(daemon => daemon.Name)]);
}

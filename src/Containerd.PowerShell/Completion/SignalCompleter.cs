using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes the names of signals.</summary>
public sealed class SignalCompleter : LiveCompleter
{
    protected override string OptionalPrefix => "SIG";

    protected override Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyList<string>>([.. CtrSignal.All.Select(s => s.Name)]);
}

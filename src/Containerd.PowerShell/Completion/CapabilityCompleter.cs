using System.Collections;
using Containerd.Host;

namespace Containerd.PowerShell;

/// <summary>Completes the names of capabilities.</summary>
public sealed class CapabilityCompleter : LiveCompleter
{
    protected override string OptionalPrefix => "CAP_";

    protected override Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyList<string>>(["ALL", .. CapabilityNames.All]);
}

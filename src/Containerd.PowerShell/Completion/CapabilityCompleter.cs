using System.Collections;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Completes the names of capabilities.</summary>
public sealed class CapabilityCompleter : LiveCompleter
{
    protected override Task<IReadOnlyList<string>> CandidatesAsync(Guid scope, IDictionary boundParameters, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<string>>(["ALL", .. CapabilityNames.All]);

    /// <summary>NET_A becomes CAP_NET_ADMIN too.</summary>
    protected override bool Continues(string word, string candidate) => base.Continues(word, candidate) || base.Continues("CAP_" + word, candidate);
}

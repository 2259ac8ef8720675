using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes restart policies.</summary>
public sealed class RestartPolicyCompleter : LiveCompleter
{
    protected override Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) =>
        Task.FromResult<IReadOnlyList<string>>([
            .. Enum.GetValues<CtrRestartMode>().Select(mode => $"{new CtrRestartPolicy { Mode = mode }}"),
            "on-failure:5",
        ]);
}

using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes keys that a terminal can send and that few programs use.</summary>
public sealed class DetachKeysCompleter : LiveCompleter
{
    protected override Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyList<string>>(["Ctrl+P", "Ctrl+Q", "Ctrl+]", "Ctrl+^", "Ctrl+_", "Ctrl+B", "Escape", "None"]);
}

using System.Collections;

namespace Containerd.PowerShell;

/// <summary>Completes the names of the runtimes that containerd's own shim drives.</summary>
public sealed class RuntimeCompleter : LiveCompleter
{
    protected override Task<IReadOnlyList<string>> CandidatesAsync(Guid scope, IDictionary boundParameters, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<string>>(["runc", "crun", "io.containerd.runc.v2"]);
}

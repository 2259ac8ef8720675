using System.Collections;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Completes the directories that snapshots are mounted on.</summary>
public sealed class MountCompleter : LiveCompleter
{
    protected override Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    ) => Task.FromResult<IReadOnlyList<string>>([.. SnapshotMounts.List().Select(m => m.Path)]);
}

using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Containerd.PowerShell;

/// <summary>
/// Completes the names of containers, and the ids of those that have no name: of those that the command can act on. The beginning of the id
/// of a named container completes to the id. Stop-CtrTask and Invoke-CtrExec offer running containers, Start-CtrTask those that are not
/// running, Resume-CtrTask paused ones.
/// </summary>
public sealed class ContainerCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    ) =>
        new Ids(Condition(commandName ?? "")).CompleteArgument(
            commandName ?? "",
            parameterName,
            wordToComplete ?? "",
            commandAst,
            fakeBoundParameters
        );

    /// <summary>
    /// The condition of a command for a container's task; null if every container is suitable. The status is null for a container without a
    /// task.
    /// </summary>
    private static Func<CtrStatus?, bool>? Condition(string commandName) =>
        commandName switch
        {
            "Enter-CtrContainer" or "Invoke-CtrExec" or "Start-CtrExec" or "Suspend-CtrTask" => static status =>
                status == CtrStatus.Running,
            // Tasks that are paused or being paused.
            "Stop-CtrTask" or "Checkpoint-CtrTask" or "Get-CtrProcess" or "Get-CtrStats" or "Show-CtrStats" => static status =>
                status is CtrStatus.Running or CtrStatus.Paused or CtrStatus.Pausing,
            "Connect-CtrTask"
            or "Send-CtrSignal"
            or "Send-CtrInput"
            or "Close-CtrStdin"
            or "Resize-CtrTerminal"
            or "Update-CtrTask"
            or "Wait-CtrTask" => static status => status is CtrStatus.Created or CtrStatus.Running or CtrStatus.Paused or CtrStatus.Pausing,
            "Resume-CtrTask" => static status => status is CtrStatus.Paused or CtrStatus.Pausing,
            "Start-CtrTask" => static status => status is null or CtrStatus.Created or CtrStatus.Stopped,
            "New-CtrTask" => static status => status is null or CtrStatus.Stopped,
            "Get-CtrTask" or "Remove-CtrTask" => static status => status is not null,
            _ => null,
        };

    private sealed class Ids(Func<CtrStatus?, bool>? condition) : LiveCompleter
    {
        private HashSet<string> _named = [];

        protected override async Task<IReadOnlyList<string>> CandidatesAsync(
            Guid scope,
            IDictionary boundParameters,
            CancellationToken cancellationToken
        )
        {
            if (await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is not { } ns)
                return [];
            var containers = await ns.Containers.ListAsync(cancellationToken).ConfigureAwait(false);
            if (condition is null)
                return Offered(containers);
            var tasks = (await ns.Tasks.IndexAsync(cancellationToken).ConfigureAwait(false)).Tasks.ToDictionary(
                t => t.ContainerId,
                t => (CtrStatus?)t.Status,
                StringComparer.Ordinal
            );
            return Offered([.. containers.Where(c => condition(tasks.GetValueOrDefault(c.ContainerId)))]);
        }

        // One entry for each container if nothing has been typed.
        protected override bool Matches(string candidate, string word) =>
            base.Matches(candidate, word) && (!string.IsNullOrEmpty(word) || !_named.Contains(candidate));

        private IReadOnlyList<string> Offered(IReadOnlyList<CtrContainer> containers)
        {
            _named = containers.Where(c => c.Name is not null).Select(c => c.ContainerId).ToHashSet(StringComparer.Ordinal);
            return [.. containers.Select(c => c.Name ?? c.ContainerId), .. _named.Except(containers.Select(c => c.Name!))];
        }
    }
}

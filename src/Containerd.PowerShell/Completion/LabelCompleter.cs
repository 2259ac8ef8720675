using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// Completes labels that objects of the cmdlet's noun have: as texts such as <c>team=blue</c>, or as <c>@{ 'team' = 'blue' }</c> if a
/// hashtable was started. Within the braces of a hashtable the engine does not call completers.
/// </summary>
public sealed class LabelCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    )
    {
        var isTable = wordToComplete is ['@', ..];
        return new Pairs(commandName ?? "", isTable).CompleteArgument(
            commandName ?? "",
            parameterName,
            wordToComplete ?? "",
            commandAst,
            fakeBoundParameters
        );
    }

    private sealed class Pairs(string commandName, bool isTable) : LiveCompleter
    {
        protected override async Task<IReadOnlyList<string>> CandidatesAsync(
            Guid scope,
            IDictionary boundParameters,
            CancellationToken cancellationToken
        )
        {
            if (await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is not { } ns)
                return [];
            var labels = await LabelsAsync(ns, boundParameters["Snapshotter"] as string, cancellationToken).ConfigureAwait(false);
            // The user's own labels precede those that containerd and its clients use.
            return
            [
                .. labels
                    .SelectMany(l => l)
                    .Distinct()
                    .OrderBy(l => l.Key.Contains('/', StringComparison.Ordinal))
                    .ThenBy(l => l.Key, StringComparer.Ordinal)
                    .ThenBy(l => l.Value, StringComparer.Ordinal)
                    .Where(l => !l.Key.Contains('=', StringComparison.Ordinal) || isTable)
                    .Select(l => isTable ? Pair(l.Key, l.Value) : $"{l.Key}={l.Value}"),
            ];
        }

        protected override string Written(string candidate) => isTable ? candidate : base.Written(candidate);

        private static string Pair(string key, string value) => $"@{{ {Literal(key)} = {Literal(value)} }}";

        private static string Literal(string text) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";

        private async Task<IEnumerable<CtrMap>> LabelsAsync(NamespaceClient ns, string? snapshotter, CancellationToken cancellationToken) =>
            commandName[(commandName.IndexOf('-', StringComparison.Ordinal) + 1)..] switch
            {
                "CtrImage" => (await ns.Images.ListAsync(StoreFilter.All, null, cancellationToken).ConfigureAwait(false)).Select(i =>
                    i.Labels
                ),
                "CtrSnapshot" => (
                    await ns
                        .Snapshots.ListAsync(
                            snapshotter ?? await ns.Snapshots.DefaultSnapshotterAsync(cancellationToken).ConfigureAwait(false),
                            StoreFilter.All,
                            cancellationToken
                        )
                        .ConfigureAwait(false)
                ).Select(s => s.Labels),
                "CtrContent" => (await ns.Content.ListAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false)).Select(c =>
                    c.Labels
                ),
                "CtrLease" => (await ns.Leases.ListAsync(StoreFilter.All, cancellationToken).ConfigureAwait(false)).Select(l => l.Labels),
                "CtrNamespace" => (await ns.Client.Namespaces.ListAsync(cancellationToken).ConfigureAwait(false)).Select(n => n.Labels),
                "CtrVolume" => (await ns.Volumes.ListAsync(cancellationToken).ConfigureAwait(false)).Select(v => v.Labels),
                // Tasks and events have the labels of their containers.
                _ => (await ns.Containers.ListAsync(cancellationToken).ConfigureAwait(false)).Select(c => c.Labels),
            };
    }
}

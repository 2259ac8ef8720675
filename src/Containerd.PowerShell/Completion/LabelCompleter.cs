using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>
/// Completes labels that objects of the cmdlet's noun have, as whole pairs: <c>@{ 'team' = 'blue' }</c>. Within the braces of a hashtable the engine asks nobody.
/// </summary>
public sealed class LabelCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        new Pairs(commandName ?? "").CompleteArgument(commandName ?? "", parameterName, wordToComplete, commandAst, fakeBoundParameters);

    private sealed class Pairs(string commandName) : LiveCompleter
    {
        private const string Open = "@{ ";

        protected override async Task<IReadOnlyList<string>> CandidatesAsync(Guid scope, IDictionary boundParameters, CancellationToken cancellation)
        {
            if (await TargetAsync(scope, boundParameters, cancellation).ConfigureAwait(false) is not { } ns)
                return [];
            var labels = await LabelsAsync(ns, boundParameters["Snapshotter"] as string, cancellation).ConfigureAwait(false);
            // One's own before those that containerd and its clients keep their books with.
            return [.. labels.SelectMany(l => l).Distinct().OrderBy(l => l.Key.Contains('/', StringComparison.Ordinal)).ThenBy(l => l.Key, StringComparer.Ordinal).ThenBy(l => l.Value, StringComparer.Ordinal)
                .Select(l => Pair(l.Key, l.Value))];
        }

        protected override bool Matches(string candidate, string word) => Begins(candidate, word) || Begins(candidate[(Open.Length + 1)..], word.TrimStart('@', '{', ' ', '\''));

        protected override string Written(string candidate) => candidate;

        private static string Pair(string key, string value) => $"{Open}{Literal(key)} = {Literal(value)} }}";

        private static string Literal(string text) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(text)}'";

        private async Task<IEnumerable<CtrMap>> LabelsAsync(NamespaceClient ns, string? snapshotter, CancellationToken cancellation) => commandName[(commandName.IndexOf('-', StringComparison.Ordinal) + 1)..] switch
        {
            "CtrImage" => (await ns.Images.ListAsync(StoreFilter.All, null, cancellation).ConfigureAwait(false)).Select(i => i.Labels),
            "CtrSnapshot" => (await ns.Snapshots.ListAsync(snapshotter ?? await ns.Snapshots.DefaultSnapshotterAsync(cancellation).ConfigureAwait(false), StoreFilter.All, cancellation).ConfigureAwait(false)).Select(s => s.Labels),
            "CtrContent" => (await ns.Content.ListAsync(StoreFilter.All, cancellation).ConfigureAwait(false)).Select(c => c.Labels),
            "CtrLease" => (await ns.Leases.ListAsync(StoreFilter.All, cancellation).ConfigureAwait(false)).Select(l => l.Labels),
            "CtrNamespace" => (await ns.Client.Namespaces.ListAsync(cancellation).ConfigureAwait(false)).Select(n => n.Labels),
            // Tasks and events have those of their containers.
            _ => (await ns.Containers.ListAsync(cancellation).ConfigureAwait(false)).Select(c => c.Labels),
        };
    }
}

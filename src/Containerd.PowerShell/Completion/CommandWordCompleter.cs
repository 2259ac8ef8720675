using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Containerd.PowerShell;

/// <summary>
/// Completes arguments of a command for a container on this machine: the first argument to a program in its PATH, other arguments, and
/// those with a slash, to a path in the container.
/// </summary>
public sealed class CommandWordCompleter : IArgumentCompleter
{
    private const string EndOfParameters = "--";

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    )
    {
        ArgumentNullException.ThrowIfNull(commandAst);
        var word = Words.Unquoted(wordToComplete ?? "");
        var elements = commandAst.CommandElements;
        var end = elements.ToList().FindIndex(static e => e is CommandParameterAst && e.Extent.Text == EndOfParameters);
        // After --, the engine itself completes the first word, and does not call a completer.
        var first =
            end >= 0 ? end + 1
            : elements.Any(static e => e is CommandParameterAst) ? -1
            : 2;
        var isProgram = elements.Count - (word.Length > 0 ? 1 : 0) == first;
        return new Files(word, isProgram).CompleteArgument(
            commandName,
            parameterName,
            wordToComplete ?? "",
            commandAst,
            fakeBoundParameters
        );
    }

    private sealed class Files(string word, bool isProgram) : LiveCompleter
    {
        private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

        protected override async Task<IReadOnlyList<string>> CandidatesAsync(
            Guid scope,
            IDictionary boundParameters,
            CancellationToken cancellationToken
        )
        {
            if (
                ExecCompleter.ContainerOf(boundParameters) is not { } id
                || await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is not { } ns
            )
                return [];
            if (word.StartsWith('/'))
                return await ContainerFiles.ListAsync(ns, id, word, "/", cancellationToken).ConfigureAwait(false);
            var process = (
                await ns
                    .Containers.GetAsync(await ns.Names.ResolveAsync(id, cancellationToken).ConfigureAwait(false), cancellationToken)
                    .ConfigureAwait(false)
            )
                .Spec
                ?.Process;
            if (!isProgram || word.Contains('/', StringComparison.Ordinal))
                return await ContainerFiles
                    .ListAsync(ns, id, word, boundParameters["WorkingDirectory"]?.ToString() ?? process?.Cwd ?? "/", cancellationToken)
                    .ConfigureAwait(false);
            var path = process?.Env?.FirstOrDefault(e => e.StartsWith("PATH=", StringComparison.Ordinal))?[5..] ?? DefaultPath;
            var files = await ContainerFiles
                .FindAsync(ns, id, path.Split(':').Where(f => f.StartsWith('/')).Distinct(), word, cancellationToken)
                .ConfigureAwait(false);
            return
            [
                .. files
                    .Where(f => !f.IsDirectory)
                    .Select(f => System.IO.Path.GetFileName(f.Path!))
                    .Distinct()
                    .Order(StringComparer.Ordinal),
            ];
        }

        // File names on Linux are case-sensitive.
        protected override bool Matches(string candidate, string word) => candidate.StartsWith(word, StringComparison.Ordinal);
    }
}

using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Containerd.PowerShell;

/// <summary>Completes a path of the host or of a container: the container's id before the colon, names of its files after it.</summary>
public sealed class ContainerPathCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    )
    {
        ArgumentNullException.ThrowIfNull(fakeBoundParameters);
        var word = Words.Unquoted(wordToComplete ?? "");
        var named =
            (
                parameterName == nameof(CopyCtrItemCommand.Destination)
                    ? fakeBoundParameters[nameof(CopyCtrItemCommand.ToContainer)]
                    : fakeBoundParameters[nameof(CopyCtrItemCommand.FromContainer)]
            )
                is var given
            && given is PSObject wrapped
                ? wrapped.BaseObject.ToString()
                : given?.ToString();
        if (named is not null)
            return Complete(new Files(named, word, ""));
        if (ContainerPath.Split(word, []) is { Id.Length: > 0 } split)
            return Complete(new Files(split.Id, split.Path, split.Id + ":"));
        return Complete(new Ids()).Concat(CompletionCompleters.CompleteFilename(wordToComplete));

        IEnumerable<CompletionResult> Complete(LiveCompleter completer) =>
            completer.CompleteArgument(commandName, parameterName, word, commandAst, fakeBoundParameters);
    }

    private sealed class Ids : LiveCompleter
    {
        protected override async Task<IReadOnlyList<string>> CandidatesAsync(
            Guid scope,
            IDictionary boundParameters,
            CancellationToken cancellationToken
        ) =>
            await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is { } ns
                ? [.. (await ns.Containers.ListAsync(cancellationToken).ConfigureAwait(false)).Select(c => (c.Name ?? c.ContainerId) + ":")]
                : [];
    }

    private sealed class Files(string id, string path, string prefix) : LiveCompleter
    {
        protected override async Task<IReadOnlyList<string>> CandidatesAsync(
            Guid scope,
            IDictionary boundParameters,
            CancellationToken cancellationToken
        )
        {
            if (await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is not { } ns)
                return [];
            // A path in a container starts at its root, with or without a slash.
            var files = await ContainerFiles
                .ListAsync(ns, id, path.Contains('/', StringComparison.Ordinal) ? path : "/" + path, "/", cancellationToken)
                .ConfigureAwait(false);
            return [.. files.Select(file => prefix + file)];
        }
    }
}

using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Containerd.Oci;

namespace Containerd.PowerShell;

/// <summary>
/// Completes the names of images, each once: the short name, or the full name if the word begins with it. A name with a digest, or a digest
/// alone as created by CRI clients, is offered only for an image without a tag, or if the word contains '@'.
/// </summary>
public sealed class ImageCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    ) =>
        new Names(Words.Unquoted(wordToComplete ?? "")).CompleteArgument(
            commandName,
            parameterName,
            wordToComplete ?? "",
            commandAst,
            fakeBoundParameters
        );

    private sealed class Names(string word) : LiveCompleter
    {
        protected override async Task<IReadOnlyList<string>> CandidatesAsync(
            Guid scope,
            IDictionary boundParameters,
            CancellationToken cancellationToken
        )
        {
            if (await TargetAsync(scope, boundParameters, cancellationToken).ConfigureAwait(false) is not { } ns)
                return [];
            var names = await ns
                .Images.NamesForCompletionAsync(withDigests: word.Contains('@', StringComparison.Ordinal), cancellationToken)
                .ConfigureAwait(false);
            List<string> shorts = [.. names.Select(ImageReference.Shorten).Distinct()];
            return word.Length > 0 && !shorts.Exists(name => Begins(name, word)) ? names : shorts;
        }
    }
}

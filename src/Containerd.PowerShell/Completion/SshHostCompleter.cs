using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Completes hosts that ssh knows: the aliases of its configuration, and known hosts. A user before the host is kept.</summary>
public sealed class SshHostCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName,
        string parameterName,
        string wordToComplete,
        CommandAst commandAst,
        IDictionary fakeBoundParameters
    )
    {
        var word = Words.Unquoted(wordToComplete ?? "");
        return new Hosts(word[..(word.LastIndexOf('@') + 1)]).CompleteArgument(
            commandName,
            parameterName,
            word,
            commandAst,
            fakeBoundParameters
        );
    }

    private sealed class Hosts(string user) : LiveCompleter
    {
        protected override Task<IReadOnlyList<string>> CandidatesAsync(
            Guid scope,
            IDictionary boundParameters,
            CancellationToken cancellationToken
        ) => Task.FromResult<IReadOnlyList<string>>([.. SshHosts.Known().Select(host => user + host)]);
    }
}

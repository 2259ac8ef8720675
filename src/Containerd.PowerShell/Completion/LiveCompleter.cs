using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Completes a word from the live daemon: within a second, and without ever an error.</summary>
public abstract class LiveCompleter : IArgumentCompleter
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        ArgumentNullException.ThrowIfNull(fakeBoundParameters);
        var word = (wordToComplete ?? "").Trim('\'', '"');
        IReadOnlyList<string> candidates;
        try
        {
            var scope = RunspaceScope.Current;
            // The pool works, this thread waits: a daemon that hangs costs one second and gives nothing.
            var asking = Task.Run(async () =>
            {
                using var deadline = new CancellationTokenSource(Patience);
                return await CandidatesAsync(scope, fakeBoundParameters, deadline.Token).ConfigureAwait(false);
            });
            candidates = asking.Wait(Patience) ? asking.Result : [];
        }
        catch (AggregateException)
        {
            candidates = [];
        }

        return candidates.Where(c => Begins(c, word) || (word.Length > 0 && Begins(c, OptionalPrefix + word))).Select(c => new CompletionResult(Quoted(c), c, CompletionResultType.ParameterValue, c));
    }

    /// <summary>What people leave out at a word's beginning.</summary>
    protected virtual string OptionalPrefix => "";

    private static bool Begins(string candidate, string word) => candidate.StartsWith(word, StringComparison.OrdinalIgnoreCase);

    /// <summary>All words that could stand here.</summary>
    protected abstract Task<IReadOnlyList<string>> CandidatesAsync(Guid scope, IDictionary boundParameters, CancellationToken cancellation);

    /// <summary>The session and namespace that the command line names so far.</summary>
    internal static async Task<NamespaceClient?> TargetAsync(Guid scope, IDictionary boundParameters, CancellationToken cancellation)
    {
        var session = (boundParameters["Session"] is PSObject wrapped ? wrapped.BaseObject : boundParameters["Session"]) as CtrSession;
        var client = session is not null
            ? SessionRegistry.ClientOf(session)
            : (await SessionRegistry.DefaultOrNewAsync(scope, cancellation).ConfigureAwait(false)).Client;
        return client.In(boundParameters["Namespace"] as string ?? (boundParameters["Namespace"] as PSObject)?.BaseObject as string);
    }

    private static string Quoted(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '/' or ':') ? text : $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}

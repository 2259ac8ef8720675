using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>Completes a word with data from the daemon: within a second, and never with an error.</summary>
public abstract class LiveCompleter : IArgumentCompleter
{
    // Short enough to keep the whole completion below a second.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(800);

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
        IReadOnlyList<string> candidates;
        try
        {
            var scope = RunspaceScope.Current;
            // The pool does the work while this thread waits: a daemon that hangs costs most of a second and returns nothing.
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

        return Offer(candidates, word);
    }

    /// <summary>Selects the completions of a word from candidates, which may have any name.</summary>
    internal IEnumerable<CompletionResult> Offer(IEnumerable<string> candidates, string word) =>
        candidates.Where(c => Matches(c, word)).Select(c => Words.Result(Written(c), c)).OfType<CompletionResult>();

    /// <summary>A prefix of candidates that users may omit.</summary>
    protected virtual string OptionalPrefix => "";

    /// <summary>Whether a candidate completes a word.</summary>
    protected virtual bool Matches(string candidate, string word)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(word);
        return Begins(candidate, word) || (word.Length > 0 && Begins(candidate, OptionalPrefix + word));
    }

    /// <summary>The text of a candidate on the command line: quoted if necessary.</summary>
    protected virtual string Written(string candidate) => Words.Quoted(candidate);

    /// <summary>Whether a text begins with another text, ignoring case.</summary>
    protected static bool Begins(string candidate, string word)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        return candidate.StartsWith(word, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>All candidates.</summary>
    protected abstract Task<IReadOnlyList<string>> CandidatesAsync(
        Guid scope,
        IDictionary boundParameters,
        CancellationToken cancellationToken
    );

    /// <summary>The session and namespace that the command line specifies so far.</summary>
    internal static async Task<NamespaceClient?> TargetAsync(Guid scope, IDictionary boundParameters, CancellationToken cancellationToken)
    {
        // The first of several sessions: their daemons are usually similar.
        var named = boundParameters["Session"] is object[] { Length: > 0 } several ? several[0] : boundParameters["Session"];
        var session = (named is PSObject wrapped ? wrapped.BaseObject : named) switch
        {
            CtrSession handle => handle,
            string name => SessionRegistry.List().FirstOrDefault(s => NamePattern.Get(name, WildcardOptions.IgnoreCase).IsMatch(s.Name)),
            _ => null,
        };
        // If the session does not exist, names of another daemon would be wrong.
        if (session is null && named is not null)
            return null;
        var client = session is not null
            ? SessionRegistry.ClientOf(session)
            : (await SessionRegistry.DefaultOrNewAsync(scope, cancellationToken).ConfigureAwait(false)).Client;
        return client.In(boundParameters["Namespace"] as string ?? (boundParameters["Namespace"] as PSObject)?.BaseObject as string);
    }
}

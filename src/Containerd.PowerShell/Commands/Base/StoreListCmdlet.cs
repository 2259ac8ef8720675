using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>A cmdlet that lists the objects of a store in a namespace: by name, by wildcard, or by containerd's filters.</summary>
public abstract class StoreListCmdlet : SessionCmdlet
{
    /// <summary>
    /// Specifies filters in containerd's filter syntax, such as 'labels."app"==web' or 'kind==active'. Objects that match any of them are
    /// returned.
    /// </summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? Filter { get; set; }

    /// <summary>The requested labels; null for none.</summary>
    private protected virtual CtrKeyValues[]? Wanted => null;

    /// <summary>The daemon's filter for the parameters.</summary>
    private protected StoreFilter StoreFilter
    {
        get
        {
            var labels = Wanted is null ? null : StringMap.Filter(Wanted);
            var patterns = labels?.Values.Any(WildcardPattern.ContainsWildcardCharacters) == true;
            return new StoreFilter
            {
                Raw = Filter,
                Labels = labels,
                Matches = patterns ? static (wanted, value) => NamePattern.Get(wanted, WildcardOptions.None).IsMatch(value) : null,
            };
        }
    }

    /// <summary>Finds the objects for a name: one object, which must exist, or all objects that match a wildcard.</summary>
    private protected IReadOnlyList<T> Find<T>(
        string name,
        Func<T, string> nameOf,
        Func<CancellationToken, Task<T>> get,
        Func<StoreFilter, CancellationToken, Task<IReadOnlyList<T>>> list
    )
    {
        var filter = StoreFilter;
        var literal = !WildcardPattern.ContainsWildcardCharacters(name);
        var one = literal ? Await(get) : default;
        if (literal && Filter is null && Wanted is null)
            return [one!];
        // Digests and references are case-sensitive.
        var pattern = literal ? null : NamePattern.Get(name, WildcardOptions.None);
        return
        [
            .. Await(cancellationToken => list(filter, cancellationToken))
                .Where(item => pattern?.IsMatch(nameOf(item)) ?? nameOf(item) == name),
        ];
    }
}

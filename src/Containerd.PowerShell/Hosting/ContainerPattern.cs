using System.Management.Automation;
using Containerd.Client;

namespace Containerd.PowerShell;

/// <summary>A wildcard pattern for containers, which matches ids and names. Both are case-sensitive.</summary>
internal sealed class ContainerPattern(string text)
{
    private readonly WildcardPattern _pattern = NamePattern.Get(text, WildcardOptions.None);

    /// <summary>Whether the pattern matches everything, so that no names need to be looked up.</summary>
    private bool IsAll => text == "*";

    /// <summary>Whether a container matches.</summary>
    internal bool IsMatch(CtrContainer container) =>
        _pattern.IsMatch(container.ContainerId) || (container.Name is { } name && _pattern.IsMatch(name));

    /// <summary>Creates a test for ids of a namespace that uses the current names of its containers.</summary>
    internal static async Task<Func<string, bool>> TestAsync(
        IReadOnlyCollection<ContainerPattern> patterns,
        NamespaceClient ns,
        CancellationToken cancellationToken
    )
    {
        if (patterns.Any(p => p.IsAll))
            return static _ => true;
        var names = await ns.Names.ListAsync(cancellationToken).ConfigureAwait(false);
        return id => patterns.Any(p => p._pattern.IsMatch(id) || (names.TryGetValue(id, out var name) && p._pattern.IsMatch(name)));
    }

    /// <inheritdoc cref="TestAsync(IReadOnlyCollection{ContainerPattern}, NamespaceClient, CancellationToken)"/>
    internal Task<Func<string, bool>> TestAsync(NamespaceClient ns, CancellationToken cancellationToken) =>
        TestAsync([this], ns, cancellationToken);
}

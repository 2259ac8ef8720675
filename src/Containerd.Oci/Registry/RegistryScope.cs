namespace Containerd.Oci.Registry;

/// <summary>The scope of a token: <c>repository:NAME:ACTION,…</c> (distribution spec, token scope).</summary>
internal static class RegistryScope
{
    public static string Pull(string repository) => $"repository:{repository}:pull";

    public static string Push(string repository) => $"repository:{repository}:pull,push";

    /// <summary>
    /// The scopes to request: the scope that the registry names, because a mirror may have another name for the repository, with the
    /// required actions; and the scopes for other repositories.
    /// </summary>
    /// <param name="needed">The scopes that the request requires, the repository of the request first.</param>
    /// <param name="asked">The scope in the registry's challenge; null for none.</param>
    public static IReadOnlyList<string> Merge(IReadOnlyList<string> needed, string? asked)
    {
        var scopes = (asked ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).ToList();
        if (scopes.Count == 0)
            return needed;
        if (needed.Count == 0)
            return scopes;
        var own = scopes.FindIndex(s =>
            s.StartsWith("repository:", StringComparison.Ordinal) && !needed.Skip(1).Any(n => Resource(n) == Resource(s))
        );
        if (own >= 0)
            scopes[own] = $"{Resource(scopes[own])}:{string.Join(',', Actions(scopes[own]).Union(Actions(needed[0])))}";
        else
            scopes.Insert(0, needed[0]);
        foreach (var other in needed.Skip(1))
        {
            if (!scopes.Any(s => Resource(s) == Resource(other)))
                scopes.Add(other);
        }

        return scopes;
    }

    private static string Resource(string scope) => scope[..Math.Max(0, scope.LastIndexOf(':'))];

    private static string[] Actions(string scope) =>
        scope[(scope.LastIndexOf(':') + 1)..].Split(',', StringSplitOptions.RemoveEmptyEntries);
}

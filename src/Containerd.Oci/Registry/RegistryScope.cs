namespace Containerd.Oci.Registry;

/// <summary>What a token allows: <c>repository:NAME:ACTION,…</c> (distribution spec, token scope).</summary>
internal static class RegistryScope
{
    public static string Pull(string repository) => $"repository:{repository}:pull";

    public static string Push(string repository) => $"repository:{repository}:pull,push";

    /// <summary>
    /// The scopes to ask for: what the registry names, since a mirror may know the repository under another name, with the actions that are
    /// needed; and what is needed elsewhere.
    /// </summary>
    /// <param name="needed">What the request needs, the repository it goes to first.</param>
    /// <param name="asked">What the registry's challenge names; null for nothing.</param>
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

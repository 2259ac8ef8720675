namespace Containerd.Oci.Registry;

/// <summary>One request to a registry, which may have to be sent several times.</summary>
internal sealed class RegistryCall
{
    public required HttpMethod Method { get; init; }

    public required Uri Uri { get; init; }

    /// <summary>What a token must allow for it, the request's own repository first.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Makes the body, anew for each sending; null for none.</summary>
    public Func<StallGuard, HttpContent>? Content { get; init; }

    /// <summary>Whether the body holds a login, which goes to no other host.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Whether what comes back is compared with a digest, so that it may come from anywhere.</summary>
    public bool IsVerified { get; init; }
}

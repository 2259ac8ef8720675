namespace Containerd.Oci.Registry;

/// <summary>A request to a registry, which may be sent several times.</summary>
internal sealed class RegistryCall
{
    public required HttpMethod Method { get; init; }

    public required Uri Uri { get; init; }

    /// <summary>The scopes that a token must allow for it, the request's own repository first.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Creates the body for each attempt; null for none.</summary>
    public Func<StallGuard, HttpContent>? Content { get; init; }

    /// <summary>Whether the body contains credentials, which are not sent to other hosts.</summary>
    public bool IsSecret { get; init; }

    /// <summary>Whether the response is compared with a digest, so that any host may send it.</summary>
    public bool IsVerified { get; init; }
}

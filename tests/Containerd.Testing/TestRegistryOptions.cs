namespace Containerd.Testing;

/// <summary>The requirements of a <see cref="TestRegistry"/> for its clients.</summary>
public sealed class TestRegistryOptions
{
    /// <summary>A user and a password, as <see cref="TestRegistry.User"/> and <see cref="TestRegistry.Password"/>.</summary>
    public bool Basic { get; init; }

    /// <summary>TLS, with a certificate of an unknown authority.</summary>
    public bool Tls { get; init; }

    /// <summary>A PEM file with the authority whose certificates clients must show; null for none.</summary>
    public string? ClientCa { get; init; }

    /// <summary>
    /// The address that the registry takes for its own and names to clients, {port} for its port; null for the one that it is asked by.
    /// </summary>
    public string? Url { get; init; }

    /// <summary>Where tokens come from; null for none.</summary>
    public string? TokenRealm { get; init; }

    /// <summary>A PEM file with the certificate by which tokens are signed.</summary>
    public string? TokenCertificate { get; init; }
}

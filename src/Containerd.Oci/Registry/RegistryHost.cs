namespace Containerd.Oci.Registry;

/// <summary>One host that serves a registry's images: the registry itself, or a mirror of it.</summary>
internal sealed class RegistryHost
{
    /// <summary>Its name, with the port if it is not the default of the scheme.</summary>
    public required string Name { get; init; }

    /// <summary><c>https</c> or <c>http</c>.</summary>
    public string Scheme { get; set; } = Uri.UriSchemeHttps;

    /// <summary>The base address of its API.</summary>
    public string Path { get; init; } = "/v2";

    public HostCapabilities Capabilities { get; init; } = HostCapabilities.All;

    /// <summary>Whether it is the image's own registry, rather than a mirror of it.</summary>
    public bool IsOwn { get; init; }

    /// <summary>Whether it may not use TLS: a registry on this machine with a port that does not imply TLS.</summary>
    public bool MayBePlain { get; set; }

    /// <summary>Whether any certificate is accepted, for this host and for redirect targets.</summary>
    public bool SkipVerify { get; init; }

    /// <summary>Whether any certificate of this machine is accepted.</summary>
    public bool SkipVerifyOnLoopback { get; init; }

    /// <summary>PEM files with certificates that are trusted in addition to those of the system.</summary>
    public IReadOnlyList<string> CaFiles { get; init; } = [];

    /// <summary>Client certificates, with the file of the key if it is a separate one.</summary>
    public IReadOnlyList<(string Certificate, string? Key)> ClientFiles { get; init; } = [];

    /// <summary>Headers for each request to this host.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>The timeout of a connection; null for the timeout of every step.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    public override string ToString() => Name;
}

namespace Containerd.Oci.Registry;

/// <summary>One host that serves a registry's images: the registry itself, or a mirror of it.</summary>
internal sealed class RegistryHost
{
    /// <summary>Its name, with its port where that is not the scheme's own.</summary>
    public required string Name { get; init; }

    /// <summary><c>https</c> or <c>http</c>.</summary>
    public string Scheme { get; set; } = Uri.UriSchemeHttps;

    /// <summary>Where its API begins.</summary>
    public string Path { get; init; } = "/v2";

    public HostCapabilities Capabilities { get; init; } = HostCapabilities.All;

    /// <summary>Whether it is the image's own registry, rather than a mirror of it.</summary>
    public bool IsOwn { get; init; }

    /// <summary>Whether it may turn out to speak no TLS: a registry of this machine on a port that says nothing about it.</summary>
    public bool MayBePlain { get; set; }

    /// <summary>Whether any certificate will do, of this host and of those that it sends us to.</summary>
    public bool SkipVerify { get; init; }

    /// <summary>Whether any certificate of this machine's own will do.</summary>
    public bool SkipVerifyOnLoopback { get; init; }

    /// <summary>PEM files with certificates that are trusted besides the system's.</summary>
    public IReadOnlyList<string> CaFiles { get; init; } = [];

    /// <summary>Certificates to show, with the file of the key where it is another.</summary>
    public IReadOnlyList<(string Certificate, string? Key)> ClientFiles { get; init; } = [];

    /// <summary>Headers for each request to this host.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>How long a connection may take; null for what every step may.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    public override string ToString() => Name;
}

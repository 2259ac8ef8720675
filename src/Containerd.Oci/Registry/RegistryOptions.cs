using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Containerd.Oci;

/// <summary>Options for connections to a registry.</summary>
public sealed record RegistryOptions
{
    /// <summary>
    /// The credentials for the image's own registry, never for a mirror; null for those in Docker's configuration file. With the user name
    /// <c>&lt;token&gt;</c>, the password is an identity token.
    /// </summary>
    public NetworkCredential? Credential { get; init; }

    /// <summary>Whether connections to the image's own registry do not use TLS.</summary>
    public bool PlainHttp { get; init; }

    /// <summary>Whether any certificate is accepted.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>PEM files with certificates of authorities that are trusted in addition to those of the system.</summary>
    public IReadOnlyList<string> CaCertificates { get; init; } = [];

    /// <summary>The client certificate, with its key; null for none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>
    /// A folder with the layout of <c>/etc/containerd/certs.d</c>, with a folder for each registry; null for that folder, if it exists.
    /// </summary>
    public string? HostsDirectory { get; init; }

    /// <summary>The folder of Docker's <c>config.json</c>; null for <c>$DOCKER_CONFIG</c>, else <c>~/.docker</c>.</summary>
    public string? DockerConfigDirectory { get; init; }

    /// <summary>The timeout for connecting to a registry, for its response, and for sending or receiving the next bytes.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The delay before the first retry; each further delay is twice as long.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(500);
}

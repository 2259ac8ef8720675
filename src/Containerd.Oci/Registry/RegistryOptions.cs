using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Containerd.Oci;

/// <summary>How a registry is reached and what is told to it.</summary>
public sealed record RegistryOptions
{
    /// <summary>
    /// The login for the image's own registry, never for a mirror; null for the one that Docker's configuration file has. The user name
    /// <c>&lt;token&gt;</c> says that the password is an identity token.
    /// </summary>
    public NetworkCredential? Credential { get; init; }

    /// <summary>Whether the image's own registry is spoken to without TLS.</summary>
    public bool PlainHttp { get; init; }

    /// <summary>Whether any certificate is accepted.</summary>
    public bool SkipCertificateCheck { get; init; }

    /// <summary>PEM files with certificates of authorities that are trusted besides the system's.</summary>
    public IReadOnlyList<string> CaCertificates { get; init; } = [];

    /// <summary>The certificate, with its key, that is shown to the registry; null for none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>
    /// A folder laid out as <c>/etc/containerd/certs.d</c>, with a folder for each registry; null for that one, if it is there.
    /// </summary>
    public string? HostsDirectory { get; init; }

    /// <summary>The folder of Docker's <c>config.json</c>; null for <c>$DOCKER_CONFIG</c>, else <c>~/.docker</c>.</summary>
    public string? DockerConfigDirectory { get; init; }

    /// <summary>How long a registry may take to be connected to and to answer, and then to send or take the next bytes.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the first wait before another try is; each further one is twice as long.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(500);
}

namespace Containerd.Oci.Images;

/// <summary>The parts of a full image name for the API of a registry.</summary>
/// <param name="Domain">The registry in the name, with its port: <c>docker.io</c>, <c>localhost:5000</c>.</param>
/// <param name="Repository">The repository: <c>library/busybox</c>.</param>
/// <param name="Object">The tag or the digest.</param>
internal sealed record RegistryReference(string Domain, string Repository, string Object)
{
    /// <summary>Docker Hub has different names in references and on the network.</summary>
    public const string DockerDomain = "docker.io";
    public const string DockerHost = "registry-1.docker.io";

    /// <summary>Whether the reference is a digest, which verifies the content that the registry sends.</summary>
    public bool IsDigest => Object.Contains(':', StringComparison.Ordinal);

    /// <summary>The name of the host without its port, an IPv6 address without its brackets, as containerd writes it in labels.</summary>
    public string HostName => SplitPort(Domain).Host.Trim('[', ']');

    /// <summary>The port in the name; empty for none.</summary>
    public string Port => SplitPort(Domain).Port;

    /// <summary>The default address of the registry.</summary>
    public string Host => Domain == DockerDomain ? DockerHost : Domain;

    /// <summary>Splits a name that <see cref="ImageReference.Normalize"/> returned.</summary>
    public static RegistryReference Parse(string fullName)
    {
        var slash = fullName.IndexOf('/', StringComparison.Ordinal);
        var at = fullName.IndexOf('@', StringComparison.Ordinal);
        var end = at >= 0 ? at : fullName.LastIndexOf(':');
        return new RegistryReference(fullName[..slash], fullName[(slash + 1)..end], fullName[(end + 1)..]);
    }

    /// <summary>Splits a host name and port. An IPv6 address is in brackets.</summary>
    public static (string Host, string Port) SplitPort(string domain)
    {
        var colon = domain.LastIndexOf(':');
        return colon > domain.LastIndexOf(']') && colon >= 0 ? (domain[..colon], domain[(colon + 1)..]) : (domain, "");
    }

    public override string ToString() => $"{Domain}/{Repository}{(IsDigest ? '@' : ':')}{Object}";
}

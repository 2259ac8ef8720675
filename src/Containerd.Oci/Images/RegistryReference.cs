namespace Containerd.Oci.Images;

/// <summary>A full image name, taken apart for a registry's API.</summary>
/// <param name="Domain">The registry as the name has it, with its port: <c>docker.io</c>, <c>localhost:5000</c>.</param>
/// <param name="Repository">The repository: <c>library/busybox</c>.</param>
/// <param name="Object">What is asked for in it: a tag or a digest.</param>
internal sealed record RegistryReference(string Domain, string Repository, string Object)
{
    /// <summary>Docker's own registry has one name in references and another one on the network.</summary>
    public const string DockerDomain = "docker.io";
    public const string DockerHost = "registry-1.docker.io";

    /// <summary>Whether the object is a digest, which proves what the registry sends.</summary>
    public bool IsDigest => Object.Contains(':', StringComparison.Ordinal);

    /// <summary>The host's name without its port, an IPv6 address without its brackets: so containerd writes it into labels.</summary>
    public string HostName => SplitPort(Domain).Host.Trim('[', ']');

    /// <summary>The port in the name; empty for none.</summary>
    public string Port => SplitPort(Domain).Port;

    /// <summary>Where the registry is found when no configuration says otherwise.</summary>
    public string Host => Domain == DockerDomain ? DockerHost : Domain;

    /// <summary>Takes a name apart that <see cref="ImageReference.Normalize"/> made.</summary>
    public static RegistryReference Parse(string fullName)
    {
        var slash = fullName.IndexOf('/', StringComparison.Ordinal);
        var at = fullName.IndexOf('@', StringComparison.Ordinal);
        var end = at >= 0 ? at : fullName.LastIndexOf(':');
        return new RegistryReference(fullName[..slash], fullName[(slash + 1)..end], fullName[(end + 1)..]);
    }

    /// <summary>Takes a host's name and port apart. The colons of an IPv6 address stand in brackets.</summary>
    public static (string Host, string Port) SplitPort(string domain)
    {
        var colon = domain.LastIndexOf(':');
        return colon > domain.LastIndexOf(']') && colon >= 0 ? (domain[..colon], domain[(colon + 1)..]) : (domain, "");
    }

    public override string ToString() => $"{Domain}/{Repository}{(IsDigest ? '@' : ':')}{Object}";
}

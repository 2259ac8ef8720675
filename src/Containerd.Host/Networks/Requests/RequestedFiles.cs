namespace Containerd.Host.Networks.Requests;

/// <summary>
/// The files on the host that are mounted over those of the container. The client creates them before the container; the helper program
/// writes only <see cref="Hosts"/>, in place, because the container has the file itself and not its name.
/// </summary>
internal sealed record RequestedFiles
{
    /// <summary>The file mounted on /etc/hosts; null if the container has its own.</summary>
    public string? Hosts { get; init; }

    /// <summary>The file mounted on /etc/hostname; null if the container has its own.</summary>
    public string? Hostname { get; init; }

    /// <summary>The file mounted on /etc/resolv.conf; null if the container has its own.</summary>
    public string? ResolvConf { get; init; }
}
